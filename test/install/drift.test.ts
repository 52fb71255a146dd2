import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Drift, driftShape } from '../../src/contract/drift.ts'
import type { RunningServer } from '../listening.ts'
import { type ClusterOptions, type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostPrint } from './hostPrint.ts'
import { hostKubectl, traces } from './nodes.ts'

/**
 * What people do to a cluster behind Slipway's back: `status` names it, changes nothing, and `apply` repairs what can be
 * repaired; labels and taints follow the cluster file through the API, without a restart.
 */

const names = ['m1', 'w1', 'w2']
const workers = (
  first: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>> = {},
): ClusterOptions => ({
  servers: ['m1'],
  spec: {
    ready_timeout_s: 60,
    ...over,
    nodes: names.map(hostname => ({
      hostname,
      internal_ip: lab.address(hostname),
      role: hostname === 'm1' ? 'initial_master' : 'worker',
      ...(hostname === 'w1' && { node_vars: first }),
    })),
  },
})
const marked = { 'node-label': ['tier=web', 'zone=a'], 'node-taint': ['dedicated=db:NoSchedule'] }

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-drift-${process.pid}`, names)
  site = await openSite(lab, workers(marked))
  server = await site.serve()
  await apply()
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const said = ({ stdout, stderr }: Finished) => stdout + stderr
const apply = (...more: readonly string[]) => site.done('apply', '-f', site.file, '--yes', ...more)
const kubectl = (line: string) => lab.read('m1', `${hostKubectl} ${line}`)
const labelsOf = async (node: string): Promise<unknown> =>
  JSON.parse(await kubectl(`get node ${node} -o jsonpath='{.metadata.labels}'`))
/** Those of people: Kubernetes has taints of its own on a Node that has just become ready. */
const taintsOf = async (node: string) =>
  (await kubectl(`get node ${node} -o jsonpath='{range .spec.taints[*]}{.key}={.value}:{.effect} {end}'`))
    .split(' ')
    .filter(taint => !taint.startsWith('node.kubernetes.io/'))
    .join(' ')
async function drift(code = 3): Promise<Drift> {
  const told = await site.slipway('status', 'demo', '-o', 'json')
  if (told.code !== code) throw new Error(`status ended with ${told.code}: ${said(told)}`)
  return driftShape.parse(JSON.parse(told.stdout).drift)
}
const summaries = ({ nodes }: Drift, hostname: string) =>
  nodes.find(node => node.hostname === hostname)?.changes.map(({ summary }) => summary)
/** What the running cluster writes by itself is no trace. */
const prints = () =>
  Promise.all(
    names.map(async name =>
      (await hostPrint(lab, name))
        .split('\n')
        .filter(line => !/^\/var\/lib\/rancher\/rke2\/(agent\/logs|server\/db|agent\/etc)\//.test(line)),
    ),
  )
const nothingDiffers = async () => {
  expect(await apply()).toBe('demo: nothing to do\n')
  expect(await drift(0)).toMatchObject({ differs: false, changes: [], api: { error: null, foreign: [] } })
}

describe('a cluster that nobody has touched', () => {
  it('differs in nothing, and looking at it leaves no trace', async () => {
    const before = await prints()
    const report = await drift(0)
    expect(report.nodes).toMatchObject([
      { hostname: 'm1', host: { service: { active: 'active' } }, node: { ready: true }, member: { healthy: true } },
      {
        hostname: 'w1',
        node: { labels: { tier: 'web' }, taints: expect.arrayContaining(['dedicated=db:NoSchedule']) },
        member: null,
      },
      { hostname: 'w2', recorded: { status: 'active' }, error: null },
    ])
    expect(await prints()).toEqual(before)
  })
})

describe('labels and taints', () => {
  it('that a person took away or changed come back, and those that a person has set stay', async () => {
    await kubectl('label node w1 tier- mine=yes')
    await kubectl('label node w1 zone=b --overwrite')
    await kubectl('taint node w1 dedicated:NoSchedule- other=x:NoSchedule')
    const report = await drift()
    expect(summaries(report, 'w1')).toEqual([
      'set the labels tier=web, zone=a',
      'set the taints dedicated=db:NoSchedule',
    ])
    expect(summaries(report, 'w2')).toEqual([])
    await apply()
    expect(await labelsOf('w1')).toMatchObject({ tier: 'web', zone: 'a', mine: 'yes' })
    expect(await taintsOf('w1')).toBe('other=x:NoSchedule dedicated=db:NoSchedule')
    await nothingDiffers()
  })

  it('follow the file without a restart, also where they are taken out of it', async () => {
    const mark = `systemctl show -p MainPID rke2-agent rke2-server`
    const before = await Promise.all(names.map(name => lab.read(name, mark)))
    await site.write(workers({ 'node-label': ['tier=db'], 'node-taint': ['dedicated=db:NoExecute'] }))
    const shown = await site.done('plan', '-f', site.file)
    expect(shown).toContain(
      'write the configuration of rke2-agent, without a restart (node-label, node-taint are other ones)',
    )
    expect(shown).toContain('set the labels tier=db; remove the labels zone')
    await apply()
    expect(await labelsOf('w1')).toMatchObject({ tier: 'db', mine: 'yes' })
    expect(await labelsOf('w1')).not.toHaveProperty('zone')
    expect(await taintsOf('w1')).toBe('other=x:NoSchedule dedicated=db:NoExecute')
    await site.write(workers({}))
    await apply()
    expect(await labelsOf('w1')).not.toHaveProperty('tier')
    expect(await taintsOf('w1')).toBe('other=x:NoSchedule')
    expect(await Promise.all(names.map(name => lab.read(name, mark)))).toEqual(before)
    await nothingDiffers()
  })
})

describe('what was done to machines by hand', () => {
  it('is named for each of them, repaired by apply, and nothing else is touched', async () => {
    await lab.read('w1', `echo 'debug: true' >> /etc/rancher/rke2/config.yaml`)
    // Somebody upgrades it by hand, and leaves it so.
    const release = `${lab.artifactUrl}/v1.34.2%2Brke2r1/rke2.linux-amd64.tar.gz`
    await lab.read('w2', `systemctl stop rke2-agent; curl -sf ${release} | tar xz -C /usr/local`)
    const untouched = await traces(lab, ['m1'])
    const report = await drift()
    expect(summaries(report, 'w1')).toEqual([
      'write the configuration of rke2-agent (debug is not wanted)',
      'restart rke2-agent',
      'wait until w1 is ready',
    ])
    expect(summaries(report, 'w2')).toEqual(
      expect.arrayContaining(['install rke2 v1.34.1+rke2r1', 'enable and start rke2-agent']),
    )
    expect(summaries(report, 'm1')).toEqual([])
    expect(report.nodes[2]).toMatchObject({
      host: { version: 'v1.34.2+rke2r1', service: { active: 'inactive' } },
      recorded: { status: 'active' },
    })
    const planned = JSON.parse(await site.done('plan', '-f', site.file, '-o', 'json'))
    expect(report.plan).toBe(planned.hash)
    await apply()
    expect(await traces(lab, ['m1'])).toEqual(untouched)
    expect(await lab.read('w1', 'grep -c debug /etc/rancher/rke2/config.yaml || true')).toBe('0')
    await nothingDiffers()
  })

  it('that no apply repairs is named with what to do: a member of etcd, a Node, a certificate that ends', async () => {
    const etcdctl =
      '/var/lib/rancher/rke2/bin/etcdctl --endpoints https://127.0.0.1:2379 --cacert /var/lib/rancher/rke2/server/tls/etcd/server-ca.crt --cert /var/lib/rancher/rke2/server/tls/etcd/server-client.crt --key /var/lib/rancher/rke2/server/tls/etcd/server-client.key'
    await lab.read('m1', `${etcdctl} member add stranger --learner --peer-urls=https://192.0.2.7:2380`)
    await kubectl(`create -f - <<'NODE'\n{"apiVersion":"v1","kind":"Node","metadata":{"name":"stranger"}}\nNODE`)
    const old = '/var/lib/rancher/rke2/agent/client-old.crt'
    await lab.read('w1', `openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=x -days 20 -out ${old}`)
    const told = await site.slipway('status', 'demo')
    expect(told.code).toBe(3)
    expect(told.stderr).toMatch(
      /node w1: a certificate ends in (19|20) days, .*client-old\.crt\n.*systemctl restart rke2-agent/,
    )
    expect(told.stderr).toMatch(/etcd: the member \S+ \(https:\/\/192\.0\.2\.7:2380\) belongs to no node on record/)
    expect(told.stderr).toMatch(/node stranger: the cluster has this Node, and it is not on record/)
    expect(await apply()).toBe('demo: nothing to do\n')
    const { etcd, api } = await drift()
    expect(api.foreign).toEqual(['stranger'])
    await lab.read('w1', `rm ${old}`)
    await kubectl('delete node stranger')
    await lab.read('m1', `${etcdctl} member remove ${etcd.foreign[0]?.id}`)
    await nothingDiffers()
  })
})

describe('a machine that is lost', () => {
  it('is told as not seen, and hides none of the others', async () => {
    await lab.fault('kill', 'w2')
    const begun = performance.now()
    const told = await site.slipway('status', 'demo')
    expect(told.code).toBe(3)
    expect(performance.now() - begun).toBeLessThan(20_000)
    expect(told.stdout).toMatch(/^w2 +worker +active +not seen, last .* +- +- /m)
    expect(told.stdout).toMatch(/^w1 +worker +active +seen +v1\S+ +active +yes/m)
    expect(told.stdout).toMatch(/^not seen {8}w2: /m)
  })
})
