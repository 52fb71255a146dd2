import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostKubectl } from './nodes.ts'

/** Servers with the profile cis and files of the user's own: equal on all, also on one that comes later; then without. */

const servers = ['m1', 'm2']
const manifest = '/var/lib/rancher/rke2/server/manifests/slipway/own.yaml'
const admission = '/etc/rancher/rke2/slipway/pod-security.yaml'
const parameters = '/etc/sysctl.d/60-rke2-cis.conf'
const podSecurity = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
  - name: PodSecurity
    configuration:
      apiVersion: pod-security.admission.config.k8s.io/v1
      kind: PodSecurityConfiguration
      defaults: { enforce: baseline, enforce-version: latest }
      exemptions: { namespaces: [kube-system] }
`
const asked = {
  cluster_vars: { profile: 'cis', 'embedded-registry': true },
  registries: {
    mirrors: {
      '*': null,
      'docker.io': { endpoint: ['https://mirror.example'], rewrite: { '^library/(.*)': 'all/$1' } },
    },
    configs: { 'mirror.example': { tls: { ca_file: '/etc/ssl/mirror.pem' } } },
  },
  manifests: ['./own.yaml'],
  files: { pod_security: './pod-security.yaml' },
}

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-profile-files-${process.pid}`, servers)
  site = await openSite(lab, { servers: ['m1'], spec: asked })
  server = await site.serve()
  await writeFile(join(site.home, 'pod-security.yaml'), podSecurity)
  await writeFile(
    join(site.home, 'own.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: own, namespace: default }\ndata: { a: b }\n',
  )
  await site.done('apply', '-f', site.file, '--yes', ...accepted)
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const accepted = ['few-cpus', 'little-memory', 'even-servers', 'kernel-parameters'].flatMap(name => ['--accept', name])
const on = (hosts: readonly string[], command: string) => Promise.all(hosts.map(host => lab.read(host, command)))
const sums = (hosts: readonly string[]) => on(hosts, `sha256sum ${manifest} ${admission} ${parameters}`)
/** Tries to make a pod that asks for the host's network, through one server. */
const privileged = (host: string) =>
  lab.exec(
    host,
    `echo '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"open"},"spec":{"hostNetwork":true,"containers":[{"name":"a","image":"registry.example/a:1"}]}}' | ${hostKubectl} create --dry-run=server -f -`,
  )
const drift = z.object({
  nodes: z.array(z.object({ hostname: z.string(), changes: z.array(z.object({ target: z.string() })) })),
})
async function status() {
  const { code, stdout } = await site.slipway('status', 'demo', '-o', 'json')
  const { nodes } = drift.parse(JSON.parse(stdout).drift)
  return { code, changes: nodes.flatMap(({ changes }) => changes.map(({ target }) => target)) }
}

describe('files of the user’s own, on several servers', () => {
  it('come to a server that joins later as they are on the first one', async () => {
    await site.done('scale', 'add', 'demo', `m2=${lab.address('m2')}`, '--role', 'master', '--yes', ...accepted)
    const [one, other] = await sums(servers)
    expect(one).toBe(other)
    expect(await on(servers, 'id -Gn etcd')).toEqual(['etcd', 'etcd'])
  })

  it('are named to the API servers, and hold on each', async () => {
    for (const host of servers) {
      expect(await lab.read(host, 'cat /etc/rancher/rke2/config.yaml')).toContain(
        `pod-security-admission-config-file: "${admission}"`,
      )
      const { code, stderr } = await privileged(host)
      expect({ host, code, refused: stderr.includes('violates PodSecurity "baseline:latest"') }).toEqual({
        host,
        code: 1,
        refused: true,
      })
    }
  })

  it('registries.yaml says all of what the file says, for an embedded registry as well', async () => {
    for (const host of servers) {
      expect(parse(await lab.read(host, 'cat /etc/rancher/rke2/registries.yaml'))).toEqual({
        mirrors: { '*': {}, 'docker.io': asked.registries.mirrors['docker.io'] },
        configs: asked.registries.configs,
      })
      expect(await lab.read(host, 'cat /etc/rancher/rke2/config.yaml')).toContain('embedded-registry: true')
    }
  })

  it('that were edited on one are found by status, and put right by apply', async () => {
    expect(await status()).toEqual({ code: 0, changes: [] })
    await lab.read('m2', `echo '# by hand' >> ${manifest}`)
    expect(await status()).toEqual({ code: 3, changes: [`node/m2/file${manifest}`] })
    await site.done('apply', '-f', site.file, '--yes', ...accepted)
    const [one, other] = await sums(servers)
    expect(one).toBe(other)
  })

  it('go with the profile when the file drops them, with a restart of one server after the other', async () => {
    await site.write({ servers, spec: { manifests: asked.manifests } })
    const told = await site.slipway('apply', '-f', site.file, '--yes', ...accepted, '--accept', 'interruption')
    expect(told.code).toBe(0)
    expect(told.stderr).toMatch(/rke2\/initial-master +stage-completed[^]*rke2\/join:m2 +stage-started/)
    const gone = `ls ${admission} ${parameters} /etc/rancher/rke2/registries.yaml 2>/dev/null | wc -l`
    expect(await on(servers, gone)).toEqual(['0', '0'])
    for (const host of servers) {
      expect(await lab.read(host, 'cat /etc/rancher/rke2/config.yaml')).not.toMatch(/profile|pod-security|embedded/)
      expect((await privileged(host)).code).toBe(0)
    }
    expect(await status()).toEqual({ code: 0, changes: [] })
  })
})
