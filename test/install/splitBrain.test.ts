import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../listening.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { catchAt } from './moments.ts'
import {
  bootstraps,
  etcdMembers,
  holdStart,
  hostKubectl,
  leftOn,
  letStart,
  namedReplacement,
  nodeStatuses,
} from './nodes.ts'
import { until } from '../until.ts'

/** The first server loses its disk, at every moment at which a careless installer would make a second cluster of it. */

const servers = ['m1', 'm2', 'm3']

let lab: InstallLab
beforeAll(async () => {
  lab = await labUp(`test-split-${process.pid}`, servers)
})
afterAll(() => lab?.down())

const said = ({ stdout, stderr }: Finished) => stdout + stderr

/** The power goes, the disk of the cluster's data is another, empty one, and the host comes back. */
async function loseData(host: string): Promise<void> {
  await lab.fault('kill', host)
  await lab.fault('wipe', host, '/var/lib/rancher')
  await lab.fault('boot', host)
}

const isRefusedByGuard = (host: string) =>
  until(`the guard of ${host} refuses`, async () =>
    /slipway: refused to start rke2-server/.test(await lab.read(host, 'journalctl -b -u rke2-server --no-pager')),
  )

/** The others have elected a leader without it, and say who is a member. */
async function answers(host: string): Promise<boolean> {
  return (await lab.exec(host, `${hostKubectl} get nodes --request-timeout 3s`)).code === 0
}

/** A data folder of its own with a server on it, for the clusters of one part. */
async function begin(): Promise<[Site, RunningServer]> {
  const site = await openSite(lab, { servers, spec: { ready_timeout_s: 60 } })
  return [site, await site.serve()]
}

describe('a first server that loses its disk in the middle of the installation', () => {
  let site: Site
  let server: RunningServer
  let run = ''

  beforeAll(async () => {
    ;[site, server] = await begin()
    const made = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes'],
      ({ type, stage }) => type === 'stage-completed' && stage === 'rke2/initial-master',
    )
    run = made.run
    await site.done('cancel', run)
    expect((await made.ended).code).toBe(7)
    await loseData('m1')
  })
  afterAll(async () => {
    await server?.stop()
    await site?.[Symbol.asyncDispose]()
  })

  it('does not start again: its guard refuses', async () => {
    await isRefusedByGuard('m1')
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
  })

  it('is not started by a resumed run either, which says why', async () => {
    const resumed = await site.slipway('resume', run)
    expect(resumed.code).toBe(4)
    expect(said(resumed)).toContain('bootstrap-spent')
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
  })

  it('is not started by a new apply either', async () => {
    const applied = await site.slipway('apply', '-f', site.file, '--yes')
    expect(applied.code).toBe(5)
    expect(said(applied)).toContain('bootstrap-spent')
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
  })

  it('is refused under its new host keys when it was re-imaged, and gets nothing', async () => {
    await lab.fault('wipe', 'm1')
    const applied = await site.slipway('apply', '-f', site.file, '--yes')
    expect(applied.code).toBe(5)
    expect(said(applied)).toContain('host-key-changed')
    expect(await leftOn(lab, ['m1'])).toBe('')
  })

  it('is refused even when its new keys are accepted: the cluster was made already', async () => {
    const applied = await site.slipway('apply', '-f', site.file, '--yes', '--accept', 'host-key-changed:m1')
    expect(applied.code).toBe(5)
    expect(said(applied)).toContain('bootstrap-spent')
    expect(await leftOn(lab, ['m1'])).toBe('')
  })
})

describe('a first server that loses its disk before the cluster is made', () => {
  let site: Site
  let server: RunningServer

  beforeAll(async () => {
    await Promise.all(servers.map(host => lab.fault('wipe', host)))
    ;[site, server] = await begin()
  })
  afterAll(async () => {
    await server?.stop()
    await site?.[Symbol.asyncDispose]()
  })

  it('makes it after all: nobody has joined, and it is the machine that claimed the right', async () => {
    const caught = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes'],
      ({ stage, message }) => stage === 'rke2/initial-master' && /is activating/.test(message),
    )
    await site.done('cancel', caught.run)
    await loseData('m1')
    const resumed = await site.slipway('resume', caught.run)
    expect(said(resumed)).toContain('completed')
    expect(resumed.code).toBe(0)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active'])
    for (const host of servers) expect(await etcdMembers(lab, host)).toEqual(servers)
  })

  it('never makes another one when it loses its disk later', async () => {
    const before = await bootstraps(lab, servers)
    await loseData('m1')
    await until('m1 tries to start', async () =>
      /rke2|slipway/.test(await lab.read('m1', 'journalctl -b -u rke2-server --no-pager')),
    )
    for (const host of ['m2', 'm3']) await until(`${host} answers for the cluster`, () => answers(host))
    const applied = await site.slipway('apply', '-f', site.file, '--yes')
    expect(applied.code).toBe(5)
    expect(said(applied)).toContain('member-without-data')
    expect(said(applied)).not.toContain('bootstrap-spent')
    expect(await bootstraps(lab, servers)).toEqual(before)
    expect(await etcdMembers(lab, 'm2')).toEqual(servers)
    // What the refusal says, typed.
    await site.done(...namedReplacement(said(applied)), '--yes')
    // The file gives the first server its role back.
    await site.done('apply', '-f', site.file, '--yes')
    for (const each of servers) expect(await etcdMembers(lab, each)).toEqual(servers)
    expect(await bootstraps(lab, servers)).toEqual(before)
  })
})

describe('a first server that the cluster has removed before it was told of the others', () => {
  let site: Site
  let server: RunningServer
  let typed = ''

  beforeAll(async () => {
    await Promise.all(servers.map(host => lab.fault('wipe', host)))
    ;[site, server] = await begin()
    await holdStart(lab, ['m3'], 'rke2-server')
    const caught = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes'],
      ({ stage, message }) => stage === 'rke2/join:m3' && /is activating/.test(message),
    )
    await site.done('cancel', caught.run)
    expect((await caught.ended).code).toBe(7)
  })
  afterAll(async () => {
    await server?.stop()
    await site?.[Symbol.asyncDispose]()
  })

  it('does not make another cluster beside the one that goes on without it', async () => {
    const removed = await lab.exec('m2', `${hostKubectl} delete node m1 --timeout=30s`)
    expect(said(removed)).toContain('deleted')
    const word = "grep -c 'permanently removed from the cluster' /var/lib/rancher/rke2/agent/logs/etcd.log || true"
    const told = async () => Number(await lab.read('m1', word))
    await until('the etcd of m1 knows that it is out', async () => (await told()) > 0)
    expect((await lab.exec('m1', 'grep -c ^server: /etc/rancher/rke2/config.yaml')).stdout).toBe('0')
    await lab.exec('m1', 'systemctl restart --no-block rke2-server')
    const before = await told()
    await until('the etcd of m1 has been started again', async () => (await told()) > before)
    expect((await lab.exec('m1', 'systemctl is-active rke2-server')).stdout).toBe('activating')
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
    expect(await etcdMembers(lab, 'm2')).toEqual(['m2'])
  })

  it('is not started by another apply either, which says why, and what has to go', async () => {
    const applied = await site.slipway('apply', '-f', site.file, '--yes')
    expect(applied.code).toBe(5)
    expect(said(applied)).toContain('member-removed')
    typed = /as root: (\S+\/rke2-killall\.sh; rm -r \S+\/server\/db)\./.exec(said(applied))?.[1] ?? ''
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
  })

  it('makes none either when what has to go is gone, and somebody starts it by hand: its guard refuses', async () => {
    await lab.read('m1', typed)
    await lab.exec('m1', 'systemctl start --no-block rke2-server')
    await isRefusedByGuard('m1')
    expect(await bootstraps(lab, ['m1'])).toEqual([1])
  })

  it('joins as a new member by the same apply then', async () => {
    await letStart(lab, ['m3'])
    await site.done('apply', '-f', site.file, '--yes')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active'])
    for (const host of servers) expect(await etcdMembers(lab, host)).toEqual(servers)
    expect(await bootstraps(lab, servers)).toEqual([1, 0, 0])
  })
})

describe('a server that was to join and has made a cluster of its own', () => {
  let site: Site
  let server: RunningServer

  beforeAll(async () => {
    await Promise.all(servers.map(host => lab.fault('wipe', host)))
    ;[site, server] = await begin()
    await holdStart(lab, ['m2'], 'rke2-server')
  })
  afterAll(async () => {
    await server?.stop()
    await site?.[Symbol.asyncDispose]()
  })

  it('is not taken into use, whatever it says of itself', async () => {
    const caught = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes'],
      ({ stage, message }) => stage === 'rke2/join:m2' && /is activating/.test(message),
    )
    // Behind the look, the play and the guard.
    await lab.read('m2', "sed -i -e '/^server:/d' -e 's/K10[0-9a-f]*::server://' /etc/rancher/rke2/config.yaml")
    await letStart(lab, ['m2'])
    const applied = await caught.ended
    expect(await bootstraps(lab, ['m1', 'm2'])).toEqual([1, 1])
    expect(said(applied)).toContain('m2 is ready, but not as a member of this cluster: its CA is')
    expect(said(applied)).not.toContain('completed in')
    expect(applied.code).toBe(4)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 failed', 'm3 pending'])
    expect(await etcdMembers(lab, 'm1')).toEqual(['m1'])
    expect(await site.done('kubeconfig', site.cluster)).toContain(`https://${lab.address('m1')}:6443`)
  })

  it('is refused from then on, until its data is gone', async () => {
    const applied = await site.slipway('apply', '-f', site.file, '--yes')
    expect(applied.code).toBe(5)
    expect(said(applied)).toContain('foreign-data')
    const command = /uninstall RKE2 there: (\S+)\./.exec(said(applied))?.[1]
    expect(command).toBe('rke2-uninstall.sh')
    await lab.read('m2', command ?? '')
    await site.done('apply', '-f', site.file, '--yes')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active'])
    for (const host of servers) expect(await etcdMembers(lab, host)).toEqual(servers)
  })
})
