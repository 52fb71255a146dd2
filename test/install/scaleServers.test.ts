import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import { type ClusterOptions, type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { catchAt, killedInEach } from './moments.ts'
import { bootstraps, etcdMembers, hostKubectl, nodeStatuses, soonNotReady } from './nodes.ts'

/** Servers leave a cluster of three: under the guard of the quorum, dead or alive, two at once one by one. */

const names = ['m1', 'm2', 'm3']
const whole: ClusterOptions = { servers: names, spec: { ready_timeout_s: 90, cluster_vars: soonNotReady } }
const even = ['--accept', 'even-servers', '--yes']

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-servers-${process.pid}`, names)
  site = await openSite(lab, whole)
  server = await site.serve()
  await site.done('apply', '-f', site.file, '--yes')
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const said = ({ stdout, stderr }: Finished) => stdout + stderr
const kubectl = (line: string) => lab.read('m1', `${hostKubectl} ${line}`)
const members = async () => (await kubectl('get nodes -o name')).split('\n').toSorted()
const remove = (...words: readonly string[]) => site.slipway('scale', 'remove', 'demo', ...words)

it('the sum is shown before anything is done', async () => {
  const shown = await site.done('scale', 'remove', 'demo', 'm2', '--accept', 'even-servers', '--dry-run')
  expect(shown).toContain('+ save a snapshot of etcd on m1')
  expect(shown).toContain(
    '- take it out of etcd: 3 voters, 3 healthy; after removing m2: 2 voters, 2 healthy, needs 2  m2',
  )
  // The first server was told to join m2; it is told of another one, and not restarted for that.
  expect(shown).toContain('write the final configuration, without a restart  m1')
  expect(shown).not.toMatch(/restart rke2-server/)
})

describe('with one server of three dead', () => {
  it('a healthy one stays, and nothing is changed', async () => {
    await lab.fault('kill', 'm3')
    await until('the others have a leader', async () => (await kubectl('get --raw /readyz').catch(() => '')) === 'ok')
    const refused = await remove('m2', ...even)
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain(
      'its removal would lose the majority of etcd: 2 of 3 voters are healthy, 2 are needed; after it 1 of 2 voters are healthy, 2 are needed',
    )
    expect(await members()).toEqual(['node/m1', 'node/m2', 'node/m3'])
    expect(await etcdMembers(lab, 'm1')).toEqual(names)
  })

  it('the dead one leaves, once that is accepted', async () => {
    const refused = await remove('m3', ...even)
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('--accept unreachable:m3')
    await until(
      'the cluster has noticed',
      async () =>
        (await kubectl(`get node m3 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`)) !== 'True',
      120_000,
    )
    await site.done('scale', 'remove', 'demo', 'm3', '--accept', 'unreachable:m3', ...even)
    expect(await members()).toEqual(['node/m1', 'node/m2'])
    expect(await etcdMembers(lab, 'm1')).toEqual(['m1', 'm2'])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active'])
    expect(await lab.read('m1', 'ls /var/lib/rancher/rke2/server/db/snapshots')).toContain('before-removing-m3')
  })

  it('and does not join again when it comes back, until its data is gone', async () => {
    await lab.fault('boot', 'm3')
    await until('it runs', async () =>
      (await lab.exec('m3', 'systemctl is-active rke2-server')).stdout.includes('activating'),
    )
    const refused = await site.slipway('apply', '-f', site.file, '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('the cluster has removed it')
    expect(await members()).toEqual(['node/m1', 'node/m2'])
    expect(await etcdMembers(lab, 'm1')).toEqual(['m1', 'm2'])
    await lab.read('m3', '/usr/local/bin/rke2-uninstall.sh >/dev/null 2>&1; rm -rf /var/lib/slipway')
    await site.done('apply', '-f', site.file, '--yes', '--accept', 'node-comes-back')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active'])
    expect(await etcdMembers(lab, 'm1')).toEqual(names)
  })
})

describe('two servers of three', () => {
  it('leave one by one, also when the server of Slipway is killed in between', async () => {
    const caught = await catchAt(
      site,
      server,
      ['scale', 'remove', 'demo', 'm2', 'm3', '--yes'],
      event => event.stage === 'rke2/leave-server:m2' && /is to leave etcd/.test(event.message),
    )
    process.kill(server.pid, 'SIGKILL')
    server = await site.serve()
    const ended = await caught.ended
    expect([ended.code, said(ended)]).toEqual([0, expect.stringContaining('completed')])
    expect(await members()).toEqual(['node/m1'])
    expect(await etcdMembers(lab, 'm1')).toEqual(['m1'])
    expect(await nodeStatuses(site)).toEqual(['m1 active'])
    for (const host of ['m2', 'm3'])
      expect(await lab.read(host, 'ls -d /var/lib/rancher/rke2 /usr/local/bin/rke2* 2>/dev/null || true')).toBe('')
  })

  it('come back one by one, into the same cluster, also when the server of Slipway is killed in every stage', async () => {
    const words = ['m2', 'm3'].map(name => `${name}=${lab.address(name)}`)
    const adding = ['scale', 'add', 'demo', ...words, '--role', 'master']
    const second = await site.slipway('scale', 'add', 'demo', `m2=${lab.address('m1')}`, '--role', 'master', '--yes')
    expect([second.code, said(second)]).toEqual([2, expect.stringContaining('is used by m1 already')])
    const stages = ['rke2/prepare', 'rke2/join:m2', 'rke2/join:m3', 'rke2/finish']
    const killed = await killedInEach(site, server, [...adding, '--yes'], stages)
    server = killed.server
    expect([killed.ended.code, said(killed.ended)]).toEqual([0, expect.stringContaining('completed')])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active'])
    expect(await etcdMembers(lab, 'm1')).toEqual(names)
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
  })
})
