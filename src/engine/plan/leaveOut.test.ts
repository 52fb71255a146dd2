import type { FindingName } from '../../domain/findingCatalogue.ts'
import { describe, expect, it } from 'vitest'
import { acceptedPart, othersOf } from './leaveOut.ts'
import { bindStage, type Observation, type StageContext, type Unmet } from '../contract/stage.ts'
import { createObservations } from '../contract/observations.ts'

const context: StageContext = {
  signal: new AbortController().signal,
  observations: createObservations(),
  outputsOf: async () => undefined,
}

const wrong = (name: FindingName, over: Partial<Unmet> = {}): Unmet => ({
  name,
  severity: 'error',
  about: 'x',
  message: name,
  remedy: '',
  ...over,
})

/** A batch of hosts, of which some lack something; what they lack goes with them. */
const observeStage = (hosts: readonly string[], unmet: readonly Unmet[]): Promise<Observation> =>
  bindStage<{ hosts: readonly string[]; unmet: readonly Unmet[] }, unknown, void>({
    timeout: 1000,
    touches: [],
    observe: async () => ({ hosts, unmet }),
    checkPrerequisites: observed => [...observed.unmet],
    shouldRun: observed => ({
      kind: 'run',
      reason: 'they lack it',
      changes: observed.hosts.map(host => ({ effect: 'create', target: host, summary: 'bring it' })),
    }),
    without(observed, gone) {
      const left = observed.hosts.filter(host => !gone.has(host))
      const stays = (one: Unmet) => !one.hosts || one.hosts.some(host => !gone.has(host))
      return left.length === 0 ? null : { hosts: left, unmet: observed.unmet.filter(stays) }
    },
    execute: async () => {},
    waitForReady: async () => {},
  }).observe(context)

const targets = ({ decision }: Observation) =>
  decision.kind === 'run' ? decision.changes.map(({ target }) => target) : []

describe('hosts whose absence was accepted', () => {
  const off = wrong('host-unreachable', { hosts: ['w2'], accepted: 'unreachable' })

  it('are left out of what is decided, which says so', async () => {
    const { observation, leftOut } = acceptedPart(await observeStage(['w1', 'w2', 'w3'], [off]))
    expect(targets(observation)).toEqual(['w1', 'w3'])
    expect(observation.unmet).toEqual([])
    expect(leftOut).toEqual([{ host: 'w2', reason: 'host-unreachable' }])
    expect(observation.decision).toMatchObject({ left_out: leftOut })
  })

  it('take nothing from what is wrong with the others', async () => {
    const other = wrong('port-taken', { hosts: ['w1'] })
    const { observation } = acceptedPart(await observeStage(['w1', 'w2'], [off, other]))
    expect(observation.unmet).toEqual([other])
  })

  it('leave nothing to do, and nothing to wait for, where they are all there is', async () => {
    const { observation } = acceptedPart(await observeStage(['w2'], [off]))
    expect(observation.decision).toMatchObject({
      kind: 'skip',
      absent: true,
      reason: 'w2 is left out: unreachable, accepted',
    })
  })

  it('stay left out of a run that was approved without them, though they are back', async () => {
    const { observation } = acceptedPart(await observeStage(['w1', 'w2'], []), [{ host: 'w2', reason: 'it was off' }])
    expect(targets(observation)).toEqual(['w1'])
  })
})

describe('hosts of a batch that something is wrong with', () => {
  it('are left to themselves: the others go on', async () => {
    const observation = await observeStage(
      ['w1', 'w2', 'w3', 'w4'],
      [
        wrong('host-unreachable', { hosts: ['w2'] }),
        wrong('port-taken', { hosts: ['w3'] }),
        wrong('disk-full', { hosts: ['w3'] }),
      ],
    )
    const { observation: rest, missed } = othersOf(observation)
    expect(targets(rest)).toEqual(['w1', 'w4'])
    expect(missed.map(({ host, findings }) => [host, findings.map(({ name }) => name)])).toEqual([
      ['w2', ['host-unreachable']],
      ['w3', ['port-taken', 'disk-full']],
    ])
  })

  it('stand in the way of all when something is wrong that is not theirs alone', async () => {
    const observation = await observeStage(
      ['w1', 'w2'],
      [wrong('host-unreachable', { hosts: ['w2'] }), wrong('cluster-not-formed')],
    )
    expect(othersOf(observation)).toEqual({ observation, missed: [] })
  })

  it('may be all of them: then nothing is done', async () => {
    const observation = await observeStage(['w1', 'w2'], [wrong('equal-machine-id', { hosts: ['w1', 'w2'] })])
    const { observation: rest, missed } = othersOf(observation)
    expect(missed.map(({ host }) => host)).toEqual(['w1', 'w2'])
    expect(rest.decision.kind).toBe('skip')
  })

  it('are nobody where only warnings are said', async () => {
    const observation = await observeStage(['w1'], [wrong('swap-on', { severity: 'warning', hosts: ['w1'] })])
    expect(othersOf(observation)).toEqual({ observation, missed: [] })
  })
})
