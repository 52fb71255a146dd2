import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { until } from '../until.ts'
import { bootstraps, etcdMembers, hostKubectl, namedReplacement, nodeStatuses, soonNotReady } from './nodes.ts'

/** Machines of a cluster that were installed anew, brought back by typing what the refusals say. */

const servers = ['m1', 'm2', 'm3']
const all = [...servers, 'w1']

let lab: InstallLab
let site: Site
beforeAll(async () => {
  lab = await labUp(`test-reimaged-${process.pid}`, all)
  site = await openSite(lab, { servers, workers: ['w1'], spec: { cluster_vars: soonNotReady } })
  await site.done('apply', '-f', site.file, '--yes')
})
afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const said = ({ stdout, stderr }: Finished) => stdout + stderr
const apply = (...more: readonly string[]) => site.slipway('apply', '-f', site.file, '--yes', ...more)

/** Where etcd's leader was lost the others elect one first; until then nobody can say what the cluster knows of it. */
const untilOthersAnswer = (lost: string) =>
  Promise.all(
    servers
      .filter(host => host !== lost)
      .map(host =>
        until(
          `the API of ${host} answers`,
          async () => (await lab.exec(host, `timeout 5 ${hostKubectl} get nodes`)).code === 0,
        ),
      ),
  )

async function expectWhole(): Promise<void> {
  expect(await nodeStatuses(site)).toEqual(all.map(host => `${host} active`))
  for (const host of servers) expect(await etcdMembers(lab, host)).toEqual(servers)
}

/** Kills a command, which executes its run itself, as soon as it tells of this. */
async function killedAt(words: readonly string[], told: string): Promise<void> {
  const child = site.start(...words)
  let shown = ''
  child.stdout?.resume()
  child.stderr?.on('data', (data: Buffer) => (shown += data.toString()))
  const closed = once(child, 'close')
  try {
    // A cluster that has lost its controller manager with the machine needs its time to see that the kubelet is gone.
    await until(`it tells of ${told}`, () => shown.includes(told), 150_000)
  } finally {
    child.kill('SIGKILL')
    await closed
  }
}

/** A server that is not the first one is asked for less than that, and goes the same way: it is for the soak. */
const machines = [
  ['m1', 'rke2/join:m1'],
  ...(process.env['SLIPWAY_SOAK'] ? ([['m3', 'rke2/leave-server:m3']] as const) : []),
  ['w1', 'rke2/leave:w1'],
] as const

describe.each(machines)('%s, installed anew', (lost, stage) => {
  const accepted = `host-key-changed:${lost}`

  it('is refused, and the refusal tells the whole way, also when its new key was accepted', async () => {
    await lab.fault('wipe', lost)
    await untilOthersAnswer(lost)
    const refused = await apply()
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('host-key-changed')
    const way = `slipway node replace demo ${lost} ${lost}=${lab.address(lost)} --accept ${accepted}.`
    expect(said(refused)).toContain(way)
    const again = await apply('--accept', accepted)
    expect(again.code).toBe(5)
    expect(said(again)).toContain('member-without-data')
    expect(said(again)).not.toContain('bootstrap-spent')
    expect(said(again)).toContain(way)
  })

  it('joins again by that way, though the command is killed and typed again, and nothing is left to do', async () => {
    const words = [...namedReplacement(said(await apply())), '--yes']
    await killedAt(words, `${stage}  stage-started`)
    const replaced = await site.slipway(...words)
    expect(said(replaced)).toMatch(/was interrupted at \S+; going on with it [^]*completed/)
    expect(replaced.code).toBe(0)
    await expectWhole()
    // It was installed anew: what its journal says is of this time.
    if (lost !== 'w1') expect(await bootstraps(lab, [lost])).toEqual([0])
    // The file gives the first server its role back.
    if (lost === 'm1') await site.done('apply', '-f', site.file, '--yes')
    expect(said(await apply())).toContain('nothing to do')
  })
})
