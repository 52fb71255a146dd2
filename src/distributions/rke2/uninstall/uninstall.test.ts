import { expect, it } from 'vitest'
import { SlipwayError } from '../../../domain/errors.ts'
import { othersOf, acceptedPart } from '../../../engine/plan/leaveOut.ts'
import { bindStage } from '../../../engine/contract/stage.ts'
import type { HostFacts } from '../host/facts.ts'
import { machineFacts, runningService, serverFacts, stoppedService } from '../machineFacts.fixture.ts'
import type { NodesPlay } from '../session.ts'
import { argumentsOfStage, stageBench } from '../stageBench.fixture.ts'
import { uninstall } from './uninstall.ts'

const fence = { epoch: 1, number: 1, installation: 'i', cluster: 'demo' }
const agent = (hostname: string): HostFacts =>
  machineFacts({ hostname, fence, services: { 'rke2-server': stoppedService, 'rke2-agent': runningService } })

interface World {
  /** Of those that are reached; others are out of reach. */
  readonly facts: Readonly<Record<string, HostFacts>>
  readonly accepted?: readonly string[]
  /** Hosts that are off the record. */
  readonly gone?: readonly string[]
  readonly failing?: (play: NodesPlay) => string | undefined
}

function open({ facts, accepted = [], gone = [], failing }: World, key = 'rke2/workers:w1') {
  const given = argumentsOfStage(key, 1, 3)
  const played: string[] = []
  const givenUp: string[] = []
  const bench = stageBench({
    observe(hostname) {
      const found = facts[hostname]
      if (found) return found
      throw new SlipwayError('host-unreachable', `${hostname} does not answer`)
    },
    async play(play) {
      played.push(...play.nodes.map(({ hostname }) => hostname))
      const fails = failing?.(play)
      return play.nodes.map(({ hostname: host }) =>
        host === fails
          ? { host, outcome: 'failed', recap: null, error: new SlipwayError('playbook-failed', `${host}: no`) }
          : { host, outcome: 'changed', recap: null, error: null },
      )
    },
  })
  const session = {
    ...bench.session,
    async hosts() {
      const access = await bench.session.hosts()
      const targets = given.nodes.filter(({ hostname }) => !gone.includes(hostname))
      return {
        ...access,
        targets: targets.map(({ hostname, internal_ip: address }) => ({
          hostname,
          address,
          port: 22,
          user: 'root',
          sudo: false,
          jump: [],
          agent: true as const,
        })),
      }
    },
    async giveUp(hostname: string) {
      givenUp.push(hostname)
    },
  }
  const stage = bench.of(uninstall({ ...given, accepted: [...accepted], keep_snapshots: false }, session))
  const look = async () => acceptedPart(await bindStage(stage).observe(bench.attempt))
  return { stage, bench, look, played, givenUp }
}

const leaving = ({ changes }: ReturnType<typeof open>['bench']) =>
  changes.map(change => (change.type === 'node-leaves' ? `${change.hostname} ${change.leaving}` : change.type))

it('each machine is uninstalled, given up, and then off the record', async () => {
  const { look, bench, played, givenUp } = open({ facts: { w1: agent('w1'), w2: agent('w2'), w3: agent('w3') } })
  const { observation } = await look()
  expect(observation.unmet).toEqual([])
  await observation.execute(bench.attempt)
  expect(played).toEqual(['w1', 'w2', 'w3'])
  expect(givenUp).toEqual(['w1', 'w2', 'w3'])
  expect(leaving(bench).toSorted()).toEqual(['w1', 'w2', 'w3'].flatMap(host => [`${host} begun`, `${host} ended`]))
})

it('one that fails stops nobody, and is not given up', async () => {
  const facts = { w1: agent('w1'), w2: agent('w2'), w3: agent('w3') }
  const { look, bench, givenUp } = open({ facts, failing: () => 'w2' })
  const { observation } = await look()
  await expect(observation.execute(bench.attempt)).rejects.toMatchObject({ message: 'w2: no' })
  expect(givenUp).toEqual(['w1', 'w3'])
  expect(leaving(bench)).toContain('w2 failed')
})

it('one from which RKE2 is gone already is cleaned of what is ours, under the fence of this run, and given up', async () => {
  const facts = { w1: machineFacts({ hostname: 'w1', fence }), w2: agent('w2'), w3: machineFacts({ hostname: 'w3' }) }
  const { look, bench, played, givenUp } = open({ facts })
  const { observation } = await look()
  expect(observation.decision).toMatchObject({
    // The mark may be one of a takeover of this very run.
    changes: [{ target: 'node/w1/rke2', unasked: true }, { target: 'node/w2/rke2' }],
  })
  expect(observation.decision).not.toMatchObject({ changes: [{}, { unasked: true }] })
  await observation.execute(bench.attempt)
  expect(played).toEqual(['w1', 'w2'])
  expect(givenUp).toEqual(['w1', 'w2'])
})

it('a machine out of reach stands in the way until its absence is accepted by name; then it stays as it is', async () => {
  const facts = { w1: agent('w1'), w2: agent('w2') }
  const refused = await open({ facts }).look()
  expect(refused.observation.unmet).toMatchObject([
    { name: 'host-unreachable', severity: 'error', remedy: expect.stringContaining('--accept unreachable:w3') },
  ])
  // In a run the others do not wait for it.
  expect(othersOf(refused.observation).missed).toMatchObject([{ host: 'w3' }])
  const { look, bench, stage } = open({ facts, accepted: ['unreachable:w3'] })
  const { observation, leftOut } = await look()
  expect(observation.unmet).toEqual([])
  expect(leftOut).toMatchObject([{ host: 'w3' }])
  await observation.execute(bench.attempt)
  expect(leaving(bench).filter(line => line.startsWith('w3'))).toEqual([])
  expect(stage.records?.leftOut?.('w3', 'off')).toEqual([{ type: 'node-behind', hostname: 'w3', reason: 'off' }])
})

it('what belongs to somebody else is never touched, also where that is accepted', async () => {
  const other = { ...agent('w2'), fence: { ...fence, cluster: 'other' } }
  const facts = { w1: agent('w1'), w2: other, w3: agent('w3') }
  expect((await open({ facts }).look()).observation.unmet).toMatchObject([
    { name: 'left-alone', severity: 'error', about: 'node w2', remedy: expect.stringContaining('left-alone:w2') },
  ])
  // Another one's word accepts nothing of this one.
  expect((await open({ facts, accepted: ['left-alone:w1'] }).look()).observation.unmet).toHaveLength(1)
  const { look, bench, played, givenUp, stage } = open({ facts, accepted: ['left-alone:w1', 'left-alone:w2'] })
  const { observation, leftOut } = await look()
  expect(leftOut).toEqual([
    {
      host: 'w2',
      accepted: 'left-alone',
      reason: 'it belongs to cluster other of this Slipway installation: nothing is done on it',
    },
  ])
  expect(stage.records?.skipped?.(new Set(['w2'])).map(change => JSON.stringify(change))).not.toContain('w2')
  expect(observation.unmet).toEqual([])
  await observation.execute(bench.attempt)
  expect([played, givenUp]).toEqual([
    ['w1', 'w3'],
    ['w1', 'w3'],
  ])
})

it('a machine that is off the record is not looked at again', async () => {
  const { look } = open({ facts: {}, gone: ['w1', 'w2', 'w3'] })
  expect((await look()).observation).toMatchObject({ unmet: [], decision: { kind: 'skip' } })
})

it('the first server stays on record until the cluster goes', async () => {
  const facts = { m1: { ...serverFacts('m1'), fence } }
  const { look, bench, givenUp } = open({ facts }, 'rke2/initial-master')
  await (await look()).observation.execute(bench.attempt)
  expect(givenUp).toEqual(['m1'])
  expect(leaving(bench)).toEqual(['m1 begun'])
})
