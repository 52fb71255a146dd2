import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { SeenEvent } from './events.ts'
import type { RunningServer } from '../listening.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { type Caught, catchAt, follow } from './moments.ts'
import { bootstraps, holdStart, leftOn, letStart, nodeStatuses, traces, hostKubectl } from './nodes.ts'
import { processesMarked } from '../processes.ts'
import { until } from '../until.ts'

/**
 * One installation that everything happens to: refused approvals, two users at once, a cancel, a server and an agent
 * that lose their power, an agent that is cut off. After each of them it goes on, and what was done stays as it is.
 */

const servers = ['m1', 'm2']
const workers = ['w1', 'w2', 'w3']
const hosts = [...servers, ...workers]
/** s; how long a host may take to be ready. */
const readyTime = 30

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-faults-${process.pid}`, hosts)
  site = await openSite(lab, { servers, workers, spec: { ready_timeout_s: readyTime } })
  server = await site.serve()
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const apply = () => ['apply', '-f', site.file, '--accept', 'even-servers']
const starting = (stage: string, ...names: string[]) => {
  const missing = new Set(names)
  return (event: SeenEvent) => {
    if (event.stage === stage && event.host && /is activating/.test(event.message)) missing.delete(event.host)
    return missing.size === 0
  }
}
const voters = `${hostKubectl} get nodes -o jsonpath='{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="EtcdIsVoter")].status}{"\\n"}{end}'`
const said = ({ stdout, stderr }: Finished) => stdout + stderr
let run = ''
let before: readonly string[] = []
let caught: Caught

describe('before anything is approved', () => {
  it('refuses to act where nobody is there to ask, shows the hash, and changes nothing', async () => {
    const planned = z.object({ hash: z.string() })
    const plan = planned.parse(
      JSON.parse((await site.slipway('plan', '-f', site.file, '--accept', 'even-servers', '-o', 'json')).stdout),
    )
    const unattended = await site.slipway(...apply())
    expect(unattended.code).toBe(5)
    expect(said(unattended)).toContain(plan.hash.slice(0, 12))
    const wrong = await site.slipway(...apply(), '--approve', '0123456789ab')
    expect(wrong.code).toBe(5)
    expect(said(wrong)).toContain('plan-changed')
    expect(await leftOn(lab, hosts)).toBe('')
    expect(said(await site.slipway('runs', site.cluster, '-o', 'json'))).toContain('not-found')
  })

  it('refuses a second server on the folder, and names the one that holds it', async () => {
    const second = await site.slipway('serve', '--port', '0')
    expect(second.code).toBe(6)
    expect(said(second)).toContain('folder-in-use')
    expect(said(second)).toContain(String(server.pid))
    expect(said(second)).toContain(server.url)
  })
})

describe('two users who apply at the same moment', () => {
  it('make one run: the other one is told who is at work', async () => {
    const seen = catchAt(site, server, [...apply(), '--yes'], starting('rke2/initial-master', 'm1'))
    const other = follow(site, [...apply(), '--yes'])
    const first = await Promise.race([other, seen.then(caught => caught.ended)])
    expect(first.code).toBe(6)
    expect(said(first)).toContain('lease-held')
    await seen
    const runs = z
      .array(z.object({ id: z.string() }))
      .parse(JSON.parse(await site.done('runs', site.cluster, '-o', 'json')))
    expect(runs).toHaveLength(1)
    run = runs[0]?.id ?? ''
    expect(said(first)).toContain(run)
  })
})

describe('a cancelled run', () => {
  it('ends as cancelled, with no process left and every node known for what it is', async () => {
    await site.done('cancel', run)
    expect(processesMarked(`SLIPWAY_ATTEMPT=${run}/`)).toEqual([])
    const [{ status } = { status: '' }] = z
      .array(z.object({ status: z.string() }))
      .parse(JSON.parse(await site.done('runs', site.cluster, '-o', 'json')))
    expect(status).toBe('cancelled')
    expect(await nodeStatuses(site)).toEqual(['m1 installing', 'm2 pending', 'w1 pending', 'w2 pending', 'w3 pending'])
  })
})

describe('a server that loses its power while it joins', () => {
  it('fails its stage within the time it has; nothing behind it begins', async () => {
    const caught = await catchAt(site, server, ['resume', run], starting('rke2/join:m2', 'm2'))
    const from = performance.now()
    await lab.fault('kill', 'm2')
    const ended = await caught.ended
    expect((performance.now() - from) / 1000).toBeLessThan(readyTime + 30)
    expect(ended.code).toBe(4)
    expect(said(ended)).toMatch(/m2.*(unreachable|cannot be reached|did not|timeout)/)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 failed', 'w1 pending', 'w2 pending', 'w3 pending'])
    expect(processesMarked(`SLIPWAY_ATTEMPT=${run}/`)).toEqual([])
  })
})

describe('a server that recovers by itself after its run has failed', () => {
  it('is active again with the next apply, which has nothing to do there', async () => {
    await lab.fault('boot', 'm2')
    await until('m2 votes in etcd', async () => (await lab.read('m1', voters)).split('\n').includes('m2=True'))
    before = await traces(lab, ['m1', 'm2'])
    await holdStart(lab, ['w1', 'w2'], 'rke2-agent')
    caught = await catchAt(site, server, [...apply(), '--yes'], starting('rke2/workers:w1', 'w1', 'w2'))
    expect(caught.run).not.toBe(run)
    run = caught.run
    expect((await nodeStatuses(site)).slice(0, 2)).toEqual(['m1 active', 'm2 active'])
  })
})

describe('agents of one batch, one without power and one cut off', () => {
  it('fail by themselves: the third one joins', async () => {
    await Promise.all([lab.fault('kill', 'w1'), lab.fault('partition', 'w2')])
    const from = performance.now()
    const ended = await caught.ended
    expect((performance.now() - from) / 1000).toBeLessThan(readyTime + 30)
    expect(ended.code).toBe(4)
    for (const host of ['w1', 'w2']) expect(said(ended)).toContain(host)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'w1 failed', 'w2 failed', 'w3 active'])
    expect(processesMarked(`SLIPWAY_ATTEMPT=${run}/`)).toEqual([])
  })

  it('are taken in when they are back; whoever was done is not touched', async () => {
    const done = await traces(lab, ['m1', 'm2', 'w3'])
    // The first server was told of the other one all the same, without a restart; the other one was not touched.
    const pid = (text = '') => /MainPID=[1-9]\d*/.exec(text)?.[0]
    expect(done[1]).toEqual(before[1])
    expect(pid(done[0])).toBe(pid(before[0]))
    await Promise.all([lab.fault('boot', 'w1'), lab.fault('heal', 'w2')])
    await letStart(lab, ['w1', 'w2'])
    const resumed = await site.slipway('resume', run)
    expect(said(resumed)).toContain('completed')
    expect(resumed.code).toBe(0)
    expect(await nodeStatuses(site)).toEqual(hosts.map(host => `${host} active`))
    expect(await traces(lab, ['m1', 'm2', 'w3'])).toEqual(done)
    expect(await bootstraps(lab, servers)).toEqual([1, 0])
  })

  it('leave nothing to do', async () => {
    const again = await site.slipway(...apply(), '--yes')
    expect(again.code).toBe(0)
    expect(said(again)).toMatch(/nothing to do/)
  })
})
