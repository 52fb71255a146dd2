import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { until } from '../until.ts'
import { bootstraps, etcdMembers, hostKubectl, nodeStatuses } from './nodes.ts'

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

/** Runs the command that a refusal names on the host that it names. */
async function type(refusal: string, lost: string): Promise<void> {
  const [, host = '', command = ''] =
    new RegExp(String.raw`on (m\d) \(\S+\), as root: (.+? delete node ${lost})\.`).exec(refusal) ?? []
  expect(host).not.toBe(lost)
  await lab.read(host, command)
}

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

  it('is refused, and the first refusal tells the whole way', async () => {
    await lab.fault('wipe', lost)
    await untilOthersAnswer(lost)
    const refused = await apply()
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('host-key-changed')
    expect(said(refused)).toContain(`--accept ${accepted}`)
    expect(said(refused)).toContain(`delete node ${lost}.`)
  })

  it('is refused under its new key as long as the cluster counts on it, with the same command', async () => {
    const refused = await apply('--accept', accepted)
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('member-without-data')
    expect(said(refused)).not.toContain('bootstrap-spent')
    await type(said(refused), lost)
  })

  it('joins again by the same apply, and nothing is left to do', async () => {
    const applied = await apply('--accept', accepted)
    expect(said(applied)).toContain('completed')
    expect(applied.code).toBe(0)
    await expectWhole()
    // It was installed anew: what its journal says is of this time.
    if (lost !== 'w1') expect(await bootstraps(lab, [lost])).toEqual([0])
    expect(said(await apply())).toContain('nothing to do')
  })
})
