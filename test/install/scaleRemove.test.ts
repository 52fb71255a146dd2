import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import { type ClusterOptions, type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { killedInEach } from './moments.ts'
import { hostKubectl, nodeStatuses, soonNotReady, traces } from './nodes.ts'

/**
 * Workers leave a cluster and come back: named on the command line or left out of the file, with their machine there or
 * lost, with the server killed in the middle. w10 sees nothing of what is done to w1.
 */

const names = ['m1', 'w1', 'w10']
const whole: ClusterOptions = {
  servers: ['m1'],
  workers: ['w1', 'w10'],
  spec: { ready_timeout_s: 60, cluster_vars: soonNotReady },
}
const smaller: ClusterOptions = { ...whole, workers: ['w10'] }

let lab: InstallLab
let site: Site
let server: RunningServer
let untouched: readonly string[]

beforeAll(async () => {
  lab = await labUp(`test-remove-${process.pid}`, names)
  site = await openSite(lab, whole)
  server = await site.serve()
  await apply()
  untouched = await traces(lab, ['w10'])
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const apply = (...more: readonly string[]) => site.done('apply', '-f', site.file, '--yes', ...more)
const kubectl = (line: string) => lab.read('m1', `${hostKubectl} ${line}`)
const said = ({ stdout, stderr }: Finished) => stdout + stderr
const members = async () => (await kubectl('get nodes -o name')).split('\n').toSorted()
const hashOf = (json: string) => z.object({ hash: z.string() }).parse(JSON.parse(json)).hash
/** Everything that Kubernetes or Slipway would leave on a machine. */
const leftOn = (host: string) =>
  lab.read(
    host,
    'ls -d /etc/rancher/rke2 /var/lib/rancher/rke2 /usr/local/bin/rke2* /var/lib/slipway/* 2>/dev/null || true',
  )
const isBack = async () => {
  expect(await members()).toEqual(['node/m1', 'node/w1', 'node/w10'])
  expect((await nodeStatuses(site)).toSorted()).toEqual(['m1 active', 'w1 active', 'w10 active'])
}
const isOut = async () => {
  expect(await members()).toEqual(['node/m1', 'node/w10'])
  expect(await nodeStatuses(site)).toEqual(['m1 active', 'w10 active'])
  expect(await traces(lab, ['w10'])).toEqual(untouched)
}

describe('a worker that is named', () => {
  it('is planned for alone, and the same way as by a file without it', async () => {
    const shown = await site.done('scale', 'remove', 'demo', 'w1', '--dry-run')
    expect(shown).toMatch(/Drain w1 .*\n[^]*Take w1 out of the cluster/)
    expect(shown).toContain('- stop rke2-agent and uninstall RKE2 with its data  w1')
    expect(shown).toContain('- delete the Node and its password  w1')
    expect(shown.split('\n').filter(line => line.includes('w10'))).toEqual([expect.stringContaining('nothing to do: ')])
    const byName = await site.done('scale', 'remove', 'demo', 'w1', '--dry-run', '-o', 'json')
    await site.write(smaller)
    const refused = await site.slipway('apply', '-f', site.file, '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('--remove w1')
    const unattended = await site.slipway('apply', '-f', site.file, '--remove', 'w1', '-o', 'json')
    expect(unattended.code).toBe(5)
    expect(said(unattended)).toContain(hashOf(byName).slice(0, 12))
    await isBack()
  })

  it('leaves the cluster, and its machine has nothing left of it', async () => {
    await site.done('scale', 'remove', 'demo', 'w1', '--yes')
    await isOut()
    expect(await kubectl('get secrets -n kube-system -o name')).not.toContain('w1.node-password')
    expect(await leftOn('w1')).toBe('')
    expect(await apply()).toBe('demo: nothing to do\n')
    const again = await site.slipway('scale', 'remove', 'demo', 'w1', '--yes')
    expect(again.code).toBe(5)
    expect(said(again)).toContain('the cluster has no such node on record')
  })

  it('comes back under the same name', async () => {
    await site.write(whole)
    await apply()
    await isBack()
  })

  it('is free for another cluster once it has left', async () => {
    await site.write(smaller)
    await apply('--remove', 'w1')
    await isOut()
    const other = await openSite(lab, { name: 'other', servers: ['w1'] })
    try {
      await other.done('apply', '-f', other.file, '--yes')
      expect(await nodeStatuses(other)).toEqual(['w1 active'])
      await lab.read('w1', '/usr/local/bin/rke2-uninstall.sh >/dev/null 2>&1; rm -rf /var/lib/slipway')
    } finally {
      await other[Symbol.asyncDispose]()
    }
    await site.write(whole)
    await apply('--accept', 'host-key-changed:w1')
    await isBack()
  })
})

describe('a server that is killed', () => {
  it('in each stage of a removal: it goes on to its end', async () => {
    // Something to drain, so that there is an attempt to be caught in.
    await kubectl(`create deployment near --image pause --replicas 2`)
    const removing = ['scale', 'remove', 'demo', 'w1', '--yes']
    const removed = await killedInEach(site, server, removing, ['cluster/drain:w1', 'rke2/leave:w1'])
    server = removed.server
    // The command finds the server again, and follows the run to its end.
    expect([removed.ended.code, said(removed.ended)]).toEqual([0, expect.stringContaining('completed')])
    await isOut()
    expect(await leftOn('w1')).toBe('')
    const refused = await site.slipway('apply', '-f', site.file, '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('--accept node-comes-back')
    await isOut()
    await apply('--accept', 'node-comes-back')
    await isBack()
  })

  it('in any stage of an addition: the worker joins, once, and the file that does not name it keeps it', async () => {
    // Somebody has cleaned its machine by hand.
    await lab.read('w1', '/usr/local/bin/rke2-uninstall.sh >/dev/null 2>&1')
    await site.write(smaller)
    await apply('--prune')
    await isOut()
    expect(await leftOn('w1')).toBe('')
    const adding = ['scale', 'add', 'demo', `w1=${lab.address('w1')}`, '--yes']
    const killed = await killedInEach(site, server, adding, ['rke2/prepare:w10', 'rke2/workers:w10'])
    server = killed.server
    expect([killed.ended.code, said(killed.ended)]).toEqual([0, expect.stringContaining('completed')])
    await isBack()
    expect(await traces(lab, ['w10'])).toEqual(untouched)
    expect(await site.done(...adding)).toBe('demo: nothing to do\n')
    expect(await apply()).toBe('demo: nothing to do\n')
    await site.write(whole)
    expect(await apply()).toBe('demo: nothing to do\n')
  })
})

describe('a worker whose machine is lost', () => {
  it('is removed as it is only where that was accepted, and then without waiting for its pods', async () => {
    await lab.fault('kill', 'w1')
    const refused = await site.slipway('scale', 'remove', 'demo', 'w1', '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('--accept unreachable:w1')
    await until(
      'the cluster has noticed',
      async () =>
        (await kubectl(`get node w1 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`)) !== 'True',
      120_000,
    )
    const shown = await site.done('scale', 'remove', 'demo', 'w1', '--accept', 'unreachable:w1', '--dry-run')
    expect(shown).toContain('- delete the Node, and lock its name: the machine cannot join again  w1')
    await site.done('scale', 'remove', 'demo', 'w1', '--accept', 'unreachable:w1', '--yes')
    await isOut()
  })

  it('does not join again when it comes back', async () => {
    await lab.fault('boot', 'w1')
    await until('its agent is refused', async () =>
      (await lab.read('w1', 'journalctl -b -u rke2-agent --no-pager')).includes('Node password rejected'),
    )
    await isOut()
  })

  it('joins when it is wanted again', async () => {
    await site.done('scale', 'add', 'demo', `w1=${lab.address('w1')}`, '--yes')
    await isBack()
  })
})
