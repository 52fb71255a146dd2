import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { until } from '../until.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { bootstraps, nodeStatuses, soonNotReady } from './nodes.ts'

/**
 * Three servers and two agents, one of which is off again and again: what does not concern it goes on, and it is caught
 * up when it is back. Every command is its own server, as in a job of a CI.
 */

const servers = ['m1', 'm2', 'm3']
const workers = ['w1', 'w2']

let lab: InstallLab
let site: Site

beforeAll(async () => {
  lab = await labUp(`test-onedown-${process.pid}`, [...servers, ...workers, 'w3'])
  site = await openSite(lab, { servers, workers, spec: pods(110) })
})
afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const apply = (...more: string[]) => ['apply', '-f', site.file, ...more]
const said = ({ stdout, stderr }: Finished) => stdout + stderr
/** ms for what takes several nodes their time. */
const patience = 180_000
/** Settings that concern every node. */
const pods = (count: number) => ({
  ready_timeout_s: 60,
  cluster_vars: { ...soonNotReady, 'kubelet-arg': [`max-pods=${count}`] },
})

/** A command under way that has said something, and how it will end. */
async function saying(args: readonly string[], pattern: RegExp) {
  const child = site.start(...args)
  let shown = ''
  for (const pipe of [child.stdout, child.stderr]) pipe?.on('data', (data: Buffer) => (shown += data.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code ?? -1), text: shown }))
  await until(`${pattern}`, () => pattern.test(shown) || child.exitCode !== null, patience)
  expect(shown).toMatch(pattern)
  return { child, ended }
}

const cluster = async () =>
  z
    .object({ installation_stage: z.string(), behind: z.array(z.string()) })
    .parse(JSON.parse((await site.slipway('status', site.cluster, '-o', 'json')).stdout))
const hasPods = (host: string, count: number) =>
  lab.read(host, `grep -c "max-pods=${count}" /etc/rancher/rke2/config.yaml || true`)

describe('an agent that loses its power before its batch begins', () => {
  it('fails by itself: the other one joins, the kubeconfig is there, and the end says who is missing', async () => {
    const { ended } = await saying(apply('--yes'), /rke2\/initial-master {2}stage-started/)
    await lab.fault('kill', 'w1')
    const { code, text } = await ended
    expect(code).toBe(4)
    expect(text).toMatch(/error node w1: /)
    expect(text).not.toMatch(/not done: /)
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active', 'w1 failed', 'w2 active'])
    expect(await site.done('kubeconfig', site.cluster)).toContain(`https://${lab.address('m1')}:6443`)
    expect((await cluster()).installation_stage).toBe('workers')
  })

  it('is all that the next apply sets up when it is back', async () => {
    await lab.fault('boot', 'w1')
    await site.done(...apply('--yes'))
    expect(await nodeStatuses(site)).toEqual([...servers, ...workers].map(host => `${host} active`))
    expect((await cluster()).installation_stage).toBe('completed')
  })
})

describe('an agent that is off', () => {
  it('stands in the way of a plan, which shows the word that leaves it out', async () => {
    await lab.fault('kill', 'w1')
    await site.write({ servers, workers: [...workers, 'w3'], spec: pods(120) })
    const planned = await site.slipway('plan', '-f', site.file)
    expect(planned.code).toBe(5)
    expect(said(planned)).toMatch(/node w1: /)
    expect(said(planned)).toContain('--accept unreachable:w1')
  })

  it('is left out where that is accepted: settings change for the others, and a further agent joins', async () => {
    const accept = ['--accept', 'unreachable:w1']
    expect(await site.done('plan', '-f', site.file, ...accept)).toContain('w1 is left out: unreachable, accepted')
    const applied = await site.slipway(...apply('--yes', ...accept))
    expect(said(applied)).toContain('completed')
    expect(applied.code).toBe(0)
    expect(await nodeStatuses(site)).toEqual([...servers, ...workers, 'w3'].map(host => `${host} active`))
    expect(await Promise.all([...servers, 'w2', 'w3'].map(host => hasPods(host, 120)))).toEqual(Array(5).fill('1'))
    expect(await cluster()).toEqual({ installation_stage: 'completed', behind: ['w1'] })
    expect(await site.done('status')).toContain('5 active, 1 behind')
    expect(await site.done('nodes', site.cluster)).toMatch(/^w1 .*behind, was active .*since/m)
  })

  it('is caught up by the next apply when it is back', async () => {
    await lab.fault('boot', 'w1')
    await site.done(...apply('--yes'))
    expect(await hasPods('w1', 120)).toBe('1')
    expect((await cluster()).behind).toEqual([])
    expect(said(await site.slipway(...apply('--yes')))).toContain('nothing to do')
  })
})

/** SIGTERM is what a CI job that is cancelled sends. test/cli/takeUp ends the process every time, on machines that are folders. */
const signals = process.env['SLIPWAY_SOAK'] ? (['SIGKILL', 'SIGTERM'] as const) : []
let count = 120

describe.each(signals)('a run whose process ends by %s', signal => {
  it('goes on with the same command', async () => {
    count += 10
    await site.write({ servers, workers: [...workers, 'w3'], spec: pods(count) })
    const { child, ended } = await saying(apply('--yes'), /rke2\/join:m2 {2}m2 {2}/)
    child.kill(signal)
    await ended
    const again = await site.slipway(...apply())
    expect(said(again)).toMatch(/Run \S+ was interrupted at rke2\/join:m2; going on with it/)
    expect(again.code).toBe(0)
    const hosts = [...servers, ...workers, 'w3']
    expect(await Promise.all(hosts.map(host => hasPods(host, count)))).toEqual(hosts.map(() => '1'))
    expect(await bootstraps(lab, servers)).toEqual([1, 0, 0])
  })
})

describe('a server that is off', () => {
  it('is left out for what concerns agents only, and stays under the guard of the quorum', async () => {
    await lab.fault('kill', 'm3')
    const accept = ['--accept', 'unreachable:m3']
    // Restarts of the other servers would lose the majority.
    await site.write({ servers, workers: [...workers, 'w3'], spec: pods(count + 10) })
    const noticed = async () => said(await site.slipway('plan', '-f', site.file, ...accept)).includes('quorum-at-risk')
    await until('the cluster has noticed', noticed, patience)
    const refused = await site.slipway(...apply('--yes', ...accept))
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('quorum-at-risk')
    await site.write({ servers, workers: [...workers, 'w3'], spec: pods(count) })
    await lab.read('w3', 'systemctl stop rke2-agent')
    const applied = await site.slipway(...apply('--yes', ...accept))
    expect(said(applied)).toContain('completed')
    expect(applied.code).toBe(0)
    expect((await cluster()).behind).toEqual(['m3'])
    await lab.fault('boot', 'm3')
    await until('m3 is ready again', async () => (await site.slipway(...apply('--yes'))).code === 0, patience)
    expect((await cluster()).behind).toEqual([])
  })
})
