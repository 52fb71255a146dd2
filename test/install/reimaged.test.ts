import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { until } from '../until.ts'
import { bootstraps, etcdMembers, hostKubectl, namedReplacement, nodeStatuses } from './nodes.ts'

/** Machines of a cluster that were installed anew, brought back by typing what the refusals say. */

const servers = ['m1', 'm2', 'm3']
const all = [...servers, 'w1']

let lab: InstallLab
let site: Site
beforeAll(async () => {
  lab = await labUp(`test-reimaged-${process.pid}`, all)
  site = await openSite(lab, { servers, workers: ['w1'] })
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

describe.each(['m1', 'm3', 'w1'])('%s, installed anew', lost => {
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

  it('joins again by that way, and nothing is left to do', async () => {
    const replaced = await site.slipway(...namedReplacement(said(await apply())), '--yes')
    expect(said(replaced)).toContain('completed')
    expect(replaced.code).toBe(0)
    await expectWhole()
    // It was installed anew: what its journal says is of this time.
    if (lost !== 'w1') expect(await bootstraps(lab, [lost])).toEqual([0])
    // The file gives the first server its role back.
    if (lost === 'm1') await site.done('apply', '-f', site.file, '--yes')
    expect(said(await apply())).toContain('nothing to do')
  })
})
