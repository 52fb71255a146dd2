import { createHash } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import { type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostKubectl } from './nodes.ts'

/** Files of the user's own: they lie on the machines as they were written, are put right there, and go when they are dropped. */

const server = 'm1'
const worker = 'w1'
const data = '/var/lib/rancher/rke2'
const manifests = `${data}/server/manifests/slipway`
/** Signs of templates, quotes, and what some programs take for the end of a line. */
const signs = `{{ lookup('env', 'HOME') }} {% raw %} #{x} "'\\ ü \u{1f600} $(id) \`id\` !unsafe`
const configMap = (name: string, ...lines: readonly string[]) =>
  ['apiVersion: v1', 'kind: ConfigMap', `metadata: { name: ${name}, namespace: default }`, 'data:', '  a: |', ...lines]
    .map(line => `${line}\n`)
    .join('')
/** What a manifest may have, to the byte: comments for the most part, as an object has to fit into etcd. */
const large = configMap('large', '    x').padEnd(1024 * 1024, '# {{ x }}\n')
const auditPolicy = (level: string) =>
  `\ufeffapiVersion: audit.k8s.io/v1\r\nkind: Policy\r\nrules:\r\n- level: ${level} # ${signs}\r\n`
const kubelet = `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n# ${signs}\nmaxPods: 111\n`
const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: own }\nspec: { containers: [{ name: a, image: registry.example/a:1 }] }'
const ownPod = `${pod} # of its own`
const template = `{{ template "base" . }}\n# \u2028 ${signs}\n`

let lab: InstallLab
let site: Site
let api: RunningServer
let spec: Record<string, unknown> = {}

beforeAll(async () => {
  lab = await labUp(`test-own-files-${process.pid}`, [server, worker])
  site = await openSite(lab, { servers: [server], workers: [worker] })
  api = await site.serve()
  await mkdir(join(site.home, folder))
})
afterAll(async () => {
  await api?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const put = (name: string, content: string) => writeFile(join(site.home, name), content)
async function describeCluster(over: Record<string, unknown>) {
  spec = Object.fromEntries(Object.entries({ ...spec, ...over }).filter(([, value]) => value !== undefined))
  await site.write({ servers: [server], workers: [worker], spec })
}
const accepted = ['--accept', 'few-cpus', '--accept', 'little-memory']
const apply = (...more: readonly string[]) => site.done('apply', '-f', site.file, '--yes', ...accepted, ...more)
const planned = z.object({
  stages: z.array(
    z.object({
      decision: z.object({
        changes: z.array(z.object({ effect: z.string(), target: z.string() })).optional(),
      }),
    }),
  ),
  findings: z.array(z.object({ name: z.string(), about: z.string() })),
})
async function plan(...of: readonly string[]) {
  const subject = of.length > 0 ? of : ['-f', site.file]
  const { stdout, stderr } = await site.slipway('plan', ...subject, '-o', 'json', ...accepted)
  if (stdout === '') throw new Error(stderr)
  const { stages, findings } = planned.parse(JSON.parse(stdout))
  const changes = stages.flatMap(({ decision }) => decision.changes ?? [])
  return {
    changes: changes.map(({ effect, target }) => `${effect} ${target}`).toSorted(),
    findings: findings.map(({ name, about }) => `${name} ${about}`),
  }
}
/** Hashes of files, as the machine has them. */
const lie = async (host: string, ...paths: readonly string[]) =>
  (await lab.read(host, `sha256sum -- ${paths.join(' ')} | cut -d ' ' -f 1`)).split('\n')

const hashes = (...contents: readonly string[]) =>
  contents.map(content => createHash('sha256').update(content).digest('hex'))
const started = (host: string) =>
  lab.read(host, 'systemctl show -p InvocationID --value rke2-server rke2-agent | tr -d "\\n"')

const folder = 'man ifests {{ x }}'
const own = '/etc/rancher/rke2/slipway'
const podPath = `${data}/agent/pod-manifests/slipway-own.yaml`
const kubeletPath = `${data}/agent/etc/kubelet.conf.d/90-slipway.conf`
const templatePath = `${data}/agent/etc/containerd/config-v3.toml.tmpl`

describe('files of the user', () => {
  it('lie on the machines that read them before these start, byte for byte', async () => {
    await Promise.all([
      put(`${folder}/signs.yaml`, configMap('signs', `    ${signs}`)),
      put(`${folder}/large.v1.yaml`, large),
      put(`${folder}/README.md`, 'no manifest'),
      put('rke2-coredns-config.yaml', 'apiVersion: v1\nkind: HelmChartConfig\nmetadata: { name: rke2-coredns }\n'),
      put('audit.yaml', auditPolicy('Metadata')),
      put('kubelet.yaml', kubelet),
      put('own.yaml', pod),
      mkdir(join(site.home, 'of-w1')).then(() => put('of-w1/own.yaml', ownPod)),
      put('containerd.tmpl', template),
    ])
    await describeCluster({
      ready_timeout_s: 60,
      manifests: [`./${folder}`, './rke2-coredns-config.yaml'],
      files: {
        audit_policy: 'audit.yaml',
        kubelet_config: 'kubelet.yaml',
        static_pods: ['own.yaml'],
        containerd_template: 'containerd.tmpl',
      },
      nodes: [
        { hostname: server, internal_ip: lab.address(server), role: 'initial_master' },
        {
          hostname: worker,
          internal_ip: lab.address(worker),
          role: 'worker',
          files: { static_pods: ['./of-w1/own.yaml'] },
        },
      ],
    })
    const { changes } = await plan()
    expect(changes.filter(change => change.includes('/file/'))).toEqual(
      [
        ...[`${own}/audit-policy.yaml`, `${manifests}/large.v1.yaml`, `${manifests}/rke2-coredns-config.yaml`]
          .concat([`${manifests}/signs.yaml`, podPath, kubeletPath, templatePath])
          .map(path => `create node/m1/file${path}`),
        ...[podPath, kubeletPath, templatePath].map(path => `create node/w1/file${path}`),
      ].toSorted(),
    )
    await apply()
    const ours = '# Written by Slipway; changes are overwritten.\n'
    expect(
      await lie(server, `${manifests}/signs.yaml`, `${manifests}/large.v1.yaml`, `${own}/audit-policy.yaml`),
    ).toEqual(hashes(configMap('signs', `    ${signs}`), large, auditPolicy('Metadata')))
    for (const host of [server, worker])
      expect(await lie(host, kubeletPath, podPath, templatePath)).toEqual(
        hashes(kubelet, host === server ? pod : ownPod, ours + template),
      )
    expect(await lab.read(server, `stat -c %a ${manifests}/signs.yaml ${data}/server ${manifests}`)).toBe(
      '600\n700\n700',
    )
    expect(await lab.read(worker, `ls ${data}/server ${own} 2>/dev/null | wc -l`)).toBe('0')
    await until('what the manifests say is there', async () => {
      const { stdout } = await lab.exec(
        server,
        `${hostKubectl} get configmap signs large -o jsonpath='{..metadata.name}'`,
      )
      return stdout === 'signs large'
    })
    expect(await lab.read(server, `head -c 200 ${data}/server/logs/audit.log`)).toContain('"level":"Metadata"')
    expect(await apply()).toContain('nothing to do')
  })

  it('are put right where somebody has changed them, and nobody is restarted for those that are read at any time', async () => {
    const before = await Promise.all([server, worker].map(started))
    const taken = `${data}/server/manifests/signs.yml`
    await lab.read(server, `cp ${manifests}/signs.yaml ${taken}; echo x >> ${manifests}/signs.yaml`)
    await lab.read(server, `ln -sf /etc/hostname ${manifests}/large.v1.yaml`)
    await lab.read(worker, `rm ${podPath}`)
    // Without the cluster file and what it names: the server keeps all of it.
    const { changes, findings } = await plan(site.cluster)
    expect(findings).toEqual(['manifest-taken node m1'])
    expect(changes).toEqual([
      `create node/w1/file${podPath}`,
      `update node/m1/file${manifests}/large.v1.yaml`,
      `update node/m1/file${manifests}/signs.yaml`,
    ])
    await lab.read(server, `mv ${taken} ${data}/server/manifests/theirs.yaml`)
    await apply()
    expect(await lie(server, `${manifests}/signs.yaml`, `${manifests}/large.v1.yaml`)).toEqual(
      hashes(configMap('signs', `    ${signs}`), large),
    )
    expect(await lie(worker, podPath)).toEqual(hashes(ownPod))
    expect(await Promise.all([server, worker].map(started))).toEqual(before)
  })

  it('change with a restart where they are read at a start, and go when they are no longer named, and only they', async () => {
    await lab.read(worker, `touch ${data}/agent/pod-manifests/theirs.yaml`)
    await put('audit.yaml', auditPolicy('Request'))
    await rm(join(site.home, folder, 'large.v1.yaml'))
    await describeCluster({ files: { audit_policy: 'audit.yaml' }, nodes: undefined })
    const { changes, findings } = await plan()
    expect(findings).toEqual(['interruption node m1'])
    const ofAll = [kubeletPath, templatePath, podPath]
    expect(changes).toEqual(
      [
        ...[server, worker].flatMap(host => [`create node/${host}/membership`, `restart node/${host}/service`]),
        ...[server, worker].flatMap(host => ofAll.map(path => `delete node/${host}/file${path}`)),
        `delete node/m1/file${manifests}/large.v1.yaml`,
        `update node/m1/file${own}/audit-policy.yaml`,
      ].toSorted(),
    )
    await apply('--accept', 'interruption')
    for (const host of [server, worker])
      expect(await lab.read(host, `ls ${ofAll.join(' ')} 2>/dev/null | wc -l`)).toBe('0')
    expect(await lab.read(server, `ls ${manifests}`)).toBe('rke2-coredns-config.yaml\nsigns.yaml')
    expect(await lab.read(server, `ls ${data}/server/manifests/theirs.yaml`)).toContain('theirs')
    expect(await lab.read(worker, `ls ${data}/agent/pod-manifests`)).toBe('theirs.yaml')
    expect(await lab.read(server, `tail -n 1 ${data}/server/logs/audit.log`)).toContain('"level":"Request"')
    expect(await apply()).toContain('nothing to do')
  })
})
