import { describe, expect, it } from 'vitest'
import { stageArguments } from '../arguments.ts'
import type { HostFacts } from '../host/facts.ts'
import { runningService, serverFacts } from '../machineFacts.fixture.ts'
import { argumentsOfStage, type HostAnswers, stageBench } from '../stageBench.fixture.ts'
import { vipPaths } from '../vip/keepalived.ts'
import { giveUpVip } from './giveUpVip.ts'

const given = argumentsOfStage('rke2/vip', 3, 0, { vip: { address: '10.0.0.100' } })
/** m3 leaves; m1 and m2 stay. */
const leaving = stageArguments.parse({
  ...given,
  nodes: given.servers.filter(({ hostname }) => hostname === 'm3'),
  servers: given.servers.filter(({ hostname }) => hostname !== 'm3'),
})
const file = { path: vipPaths.configuration, mode: '0600', ours: true, hmac: null }

const withVip = (hostname: string, over: Partial<HostFacts> = {}): HostFacts => {
  const facts = serverFacts(hostname)
  const vip = { ...facts.vip, files: [file], service: runningService }
  return { ...facts, fence: { epoch: 1, number: 1, installation: 'i', cluster: 'demo' }, vip, ...over }
}

async function look(answers: HostAnswers, accepted: readonly string[] = []) {
  const bench = stageBench(answers)
  const stage = giveUpVip({ ...leaving, accepted: [...accepted] }, bench.session)
  const observed = await stage.observe(bench.attempt)
  return { bench, stage, observed, decision: stage.shouldRun(observed), findings: stage.checkPrerequisites(observed) }
}

describe('a server that is to hold the VIP no more', () => {
  it('has what is ours taken away, and the others are asked through the VIP', async () => {
    const { decision, stage, bench } = await look({ observe: hostname => withVip(hostname) })
    expect(decision.kind === 'run' && decision.changes.map(({ effect, target }) => `${effect} ${target}`)).toEqual([
      'delete node/m3/vip',
    ])
    await stage.waitForReady(bench.attempt)
    expect(bench.progress).toEqual([expect.stringContaining('asked from m1')])
  })

  it('is the last one that may: nobody is asked then', async () => {
    const observe = (hostname: string) => (hostname === 'm3' ? withVip(hostname) : serverFacts(hostname))
    const { stage, bench } = await look({ observe, throughVip: () => 'nobody' })
    await stage.waitForReady(bench.attempt)
    expect(bench.progress).toEqual([])
  })

  it.each<[string, (hostname: string) => HostFacts]>([
    ['there is nothing of ours', serverFacts],
    [
      'its machine is another cluster’s by now',
      hostname => withVip(hostname, { fence: { epoch: 1, number: 1, installation: 'i', cluster: 'other' } }),
    ],
  ])('is left alone where %s', async (_why, observe) => {
    expect((await look({ observe })).decision.kind).toBe('skip')
  })
})
