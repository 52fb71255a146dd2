import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { etcdMembers, hostKubectl, leftOn, nodeStatuses, traces } from './nodes.ts'

/**
 * A cluster that an administrator has made by hand: unpacked, configured in words of his own, and started. It is
 * discovered, taken over without a restart, and from then on worked with as with one of Slipway's own.
 */

const servers = ['m1', 'm2', 'm3']
const members = [...servers, 'w1']
const all = [...members, 'w2']
const version = 'v1.34.1+rke2r1'

let lab: InstallLab
let site: Site
let server: RunningServer
let untouched: readonly string[]

beforeAll(async () => {
  lab = await labUp(`test-discover-${process.pid}`, all)
  site = await openSite(lab, { name: 'prod', servers, workers: ['w1', 'w2'] })
  server = await site.serve()
  await Promise.all(members.map(install))
  const join = { server: `https://${lab.address('m1')}:9345`, token: 'by-hand' }
  await start('m1', 'server', 'token: by-hand\nwrite-kubeconfig-mode: "0644"\nnode-label:\n  - tier=control\n')
  await start(
    'm2',
    'server',
    `# the second one\n${stringify({ ...join, 'write-kubeconfig-mode': '644' })}node-label: tier=control\n`,
  )
  await start('m3', 'server', stringify({ ...join, 'node-label': ['tier=control'], 'write-kubeconfig-mode': '0644' }))
  await start('w1', 'agent', stringify({ ...join, 'node-name': 'w1', 'node-label': ['pool=a'] }))
  await until(
    'all are ready',
    async () => (await kubectl('get nodes --no-headers')).split('\n').filter(line => / Ready /.test(line)).length === 4,
  )
  untouched = await traces(lab, members)
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const kubectl = (line: string) => lab.read('m1', `${hostKubectl} ${line}`).catch(() => '')
const said = ({ stdout, stderr }: Finished) => stdout + stderr

/** As RKE2's install script does it: the tarball, checked and unpacked. */
async function install(host: string): Promise<void> {
  const base = `${lab.artifactUrl}/${encodeURIComponent(version)}`
  const fetch = (file: string) => `python3 -c 'import urllib.request as r; r.urlretrieve("${base}/${file}", "${file}")'`
  await lab.read(
    host,
    [
      'cd "$(mktemp -d)"',
      fetch('sha256sum-amd64.txt'),
      fetch('rke2.linux-amd64.tar.gz'),
      'sha256sum --check --ignore-missing --quiet sha256sum-amd64.txt',
      'tar -xzf rke2.linux-amd64.tar.gz -C /usr/local',
      'mkdir -p /etc/rancher/rke2',
      'systemctl daemon-reload',
    ].join(' && '),
  )
}

async function start(host: string, role: 'server' | 'agent', configuration: string): Promise<void> {
  const text = Buffer.from(configuration).toString('base64')
  await lab.read(
    host,
    `echo ${text} | base64 -d > /etc/rancher/rke2/config.yaml && systemctl enable --now --no-block rke2-${role}`,
  )
  await until(
    `rke2-${role} on ${host}`,
    async () => (await lab.exec(host, `systemctl is-active rke2-${role}`)).stdout.trim() === 'active',
    60_000,
  )
}

describe('discovery', () => {
  const login = () => ['--ssh', `root@${lab.address('m1')}`, '--key-file', lab.keyFile]

  it('refuses a machine that is no server, and records nothing', async () => {
    const agent = await site.slipway(
      'discover',
      'prod',
      '--ssh',
      `root@${lab.address('w1')}`,
      '--key-file',
      lab.keyFile,
    )
    expect(agent.code).toBe(5)
    expect(said(agent)).toContain(`it is an agent of https://${lab.address('m1')}:9345`)
    const empty = await site.slipway(
      'discover',
      'prod',
      '--ssh',
      `root@${lab.address('w2')}`,
      '--key-file',
      lab.keyFile,
    )
    expect(empty.code).toBe(5)
    expect(said(empty)).toContain('there is no RKE2 on it')
    expect(await site.done('status', '-o', 'json')).toBe('[]\n')
  })

  it('over its API alone lets nothing be done to its machines, and names what is missing', async () => {
    await recordToken('for-nodes')
    const adding = await site.slipway('scale', 'add', 'prod', `w2=${lab.address('w2')}`, '--yes')
    expect([adding.code, said(adding)]).toEqual([
      5,
      expect.stringContaining(`slipway discover prod --ssh root@${lab.address('m1')}`),
    ])
  })

  it('puts the cluster on record, and changes nothing in it', async () => {
    const shown = await site.done('discover', 'prod', ...login(), '--yes')
    expect(shown).toContain(`prod: rke2 ${version}, 3 servers, 1 workers`)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active', 'w1 active'])
    expect(await traces(lab, members)).toEqual(untouched)
    expect(await site.done('discover', 'prod')).toContain('as it is on record')
  })
})

describe('the discovered cluster', () => {
  it('is taken over without a restart, and nothing is left to do then', async () => {
    const before = await traces(lab, members)
    const plan = await site.done('plan', 'prod')
    expect(changesIn(plan)).toEqual([
      '+ mark the machine as one of this cluster; its service goes on as it is  m1, m2, m3',
      '+ mark the machine as one of this cluster; its service goes on as it is  w1',
      '~ write the final configuration, without a restart  m1',
      '~ note which labels are those of the cluster file  m1, m2, m3, w1',
    ])
    const exported = await site.done('export', 'prod')
    expect(parse(exported)).toMatchObject({
      metadata: { name: 'prod' },
      spec: {
        distribution: 'rke2',
        version,
        ssh: { user: 'root', key_file: lab.keyFile },
        cluster_vars: { 'write-kubeconfig-mode': '0644' },
        nodes: [
          { hostname: 'm1', role: 'initial_master', node_vars: { 'node-label': ['tier=control'] } },
          { hostname: 'm2', role: 'master', node_vars: { 'node-label': ['tier=control'] } },
          { hostname: 'm3', role: 'master', node_vars: { 'node-label': ['tier=control'] } },
          { hostname: 'w1', role: 'worker', node_vars: { 'node-label': ['pool=a'] } },
        ],
      },
    })
    await writeFile(site.file, `${exported}  artifact_url: ${lab.artifactUrl}\n`)
    await apply()
    expect(await traces(lab, ['m2', 'm3', 'w1'])).toEqual(before.slice(1))
    expect(await lab.read('m1', 'cat /etc/rancher/rke2/config.yaml')).toContain(`https://${lab.address('m2')}:9345`)
    expect(pidOf(await traces(lab, ['m1']))).toBe(pidOf(before))
    expect(await apply()).toBe('prod: nothing to do\n')
    // It ends with 3 where something differs.
    expect(await site.done('status', 'prod')).toContain('4 active')
  })

  it('gets a worker, which joins it', async () => {
    const before = await traces(lab, members)
    await site.done('scale', 'add', 'prod', `w2=${lab.address('w2')}`, '--yes')
    expect(await nodeStatuses(site)).toContain('w2 active')
    expect(await kubectl('get node w2 --no-headers')).toContain(' Ready ')
    expect(await traces(lab, members)).toEqual(before)
  })

  it('lets a node be drained and uncordoned', async () => {
    await site.done('drain', 'prod', 'w1', '--yes')
    expect(await kubectl('get node w1 --no-headers')).toContain('SchedulingDisabled')
    expect(await site.done('discover', 'prod')).toContain('as it is on record')
    await site.done('uncordon', 'prod', 'w1', '--yes')
    expect(await kubectl('get node w1 --no-headers')).not.toContain('SchedulingDisabled')
  })

  it('is worked with by the kubeconfig of a server where the one on record was revoked, and keeps that one then', async () => {
    const token = await recordToken('revoked')
    await kubectl('-n kube-system delete serviceaccount revoked')
    // An API server remembers for a while whom it knew.
    const asked = `curl -sk -o /dev/null -w '%{http_code}' -H 'authorization: Bearer ${token}' https://127.0.0.1:6443/api`
    await until('the token is refused', async () => (await lab.exec('m1', asked)).stdout === '401')
    await site.done('drain', 'prod', 'w1', '--yes')
    await site.done('uncordon', 'prod', 'w1', '--yes')
    expect(changesIn(await site.done('plan', '-f', site.file))).toEqual([
      `+ issue the kubeconfig anew, for https://${lab.address('m1')}:6443  cluster/kubeconfig`,
    ])
    await apply()
    expect(await apply()).toBe('prod: nothing to do\n')
    expect(await site.done('kubeconfig', 'prod')).toContain('client-certificate-data')
  })

  it('loses a worker and a server that others have set up', async () => {
    await site.done('scale', 'remove', 'prod', 'w1', 'm3', '--accept', 'even-servers', '--yes')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'w2 active'])
    expect(await etcdMembers(lab, 'm1')).toEqual(['m1', 'm2'])
    expect(await lab.read('w1', 'ls -d /etc/rancher/rke2 /var/lib/rancher/rke2 2>/dev/null || true')).toBe('')
  })

  it('is uninstalled as one of Slipway’s own, once its name was typed', async () => {
    const uninstall = ['uninstall', 'prod', '--accept', 'data-loss', '--yes']
    const refused = await site.slipway(...uninstall)
    expect([refused.code, said(refused)]).toEqual([5, expect.stringContaining('--confirm prod')])
    await site.done(...uninstall, '--confirm', 'prod')
    expect(await site.done('status', '-o', 'json')).toBe('[]\n')
    expect(await leftOn(lab, all)).toBe('')
  })
})

/** Puts a kubeconfig on record that holds the token of a service account of this name. */
async function recordToken(name: string): Promise<string> {
  const account = `kube-system:${name}`
  await kubectl(`-n kube-system create serviceaccount ${name}`)
  await kubectl(`create clusterrolebinding ${name} --clusterrole cluster-admin --serviceaccount ${account}`)
  const token = await kubectl(`-n kube-system create token ${name}`)
  const own = z
    .object({ clusters: z.array(z.object({ cluster: z.object({ 'certificate-authority-data': z.string() }) })) })
    .parse(parse(await lab.read('m1', 'cat /etc/rancher/rke2/rke2.yaml')))
  const cluster = { ...own.clusters[0]?.cluster, server: `https://${lab.address('m1')}:6443` }
  const written = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
  }
  const file = `${site.file}.${name}`
  await writeFile(file, stringify(written))
  await site.done('discover', 'prod', '--kubeconfig', file, '--yes')
  return token
}

const apply = () => site.done('apply', '-f', site.file, '--yes')
const changesIn = (plan: string) =>
  plan
    .split('\n')
    .map(line => line.trim())
    .filter(line => /^[+~↻-] /.test(line))
const pidOf = (found: readonly string[]) => /MainPID=\d+/.exec(found[0] ?? '')?.[0]
