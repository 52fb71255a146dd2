import { describe, expect, it } from 'vitest'
import type { PlatformFacts } from '../../contract/platform.ts'
import type { PlannedDecision, PlannedStage } from '../../contract/plan.ts'
import { standingOf } from './standing.ts'

const stage = (key: string, decision: PlannedDecision, rest: Partial<PlannedStage> = {}): PlannedStage => ({
  kind: 'platform/component',
  key,
  title: key,
  needs: [],
  arguments: {},
  after: [],
  unmet: [],
  decision,
  ...rest,
})
const skip = (facts?: PlatformFacts, reason = 'it is as it is wanted'): PlannedDecision => ({
  kind: 'skip',
  reason,
  ...(facts && { facts }),
})
const run = (state: PlatformFacts['state'], ...summaries: readonly string[]): PlannedDecision => ({
  kind: 'run',
  reason: 'it is not as the cluster file says',
  facts: { state },
  changes: [...summaries, 'wait until it is ready'].map((summary, at) => ({
    effect: 'update',
    target: `release/x/${at}`,
    summary,
  })),
})
const finding = {
  name: 'storage-class-missing',
  severity: 'error',
  about: 'x',
  message: 'no class',
  remedy: 'set one',
} as const
const standing = (one: PlannedStage, ...others: readonly PlannedStage[]) =>
  standingOf(one, new Map([one, ...others].map(other => [other.key, other])), key => key.replace(/^.*:/, ''))

describe('the state of a component is what its stage would do', () => {
  it.each([
    ['ready', skip({ state: 'ready', version: '1.0.0' }), {}, null],
    ['external', skip({ state: 'external' }, 'that of somebody else is used'), {}, 'that of somebody else is used'],
    ['absent', run('absent', 'install web 1.0.0'), {}, 'install web 1.0.0'],
    ['differs', run('differs', 'set a: 1 → 2', 'set b: 1 → 2'), {}, 'set a: 1 → 2; set b: 1 → 2'],
    ['differs', run('differs', '1', '2', '3', '4', '5', '6'), {}, '1; 2; 3; 4; and 2 more'],
    ['not-ready', run('not-ready'), {}, 'wait until it is ready'],
    ['blocked', run('differs', 'grow'), { unmet: [finding] }, 'no class'],
    ['blocked', skip({ state: 'ready' }), { unmet: [finding] }, 'no class'],
    ['unknown', skip({ state: 'unknown' }), { unmet: [finding] }, 'no class'],
    ['unknown', { kind: 'unknown', reason: 'it cannot be read' }, {}, 'it cannot be read'],
    ['unknown', skip(), {}, 'it is as it is wanted'],
    [
      'waiting',
      { kind: 'deferred', reason: 'later', until: 'a', effects: [], facts: { state: 'absent' } },
      {},
      'later',
    ],
  ] as const)('%s: %#', (state, decision, rest, reason) => {
    expect(standing(stage('platform/component:x', decision, rest))).toMatchObject({ state, reason })
  })
})

describe('what it waits for', () => {
  const needs = [{ stage: 'p:one' }, { stage: 'p:two' }]
  const one = (decision: PlannedDecision, unmet: PlannedStage['unmet'] = []) => stage('p:one', decision, { unmet })
  const two = stage('p:two', skip({ state: 'external' }))

  it('is what it needs and is not ready: also what is blocked, or could not be seen', () => {
    const late = stage('p:x', run('absent', 'install'), { needs })
    expect(standing(late, one(skip({ state: 'ready' })), two)).toMatchObject({ state: 'absent', waits_for: [] })
    for (const missing of [
      one(run('absent', 'install')),
      one(skip({ state: 'ready' }), [finding]),
      one({ kind: 'unknown', reason: 'x' }),
    ])
      expect(standing(late, missing, two)).toMatchObject({ state: 'waiting', waits_for: ['one'] })
  })

  it('is nothing where it is ready itself, or was not seen', () => {
    const missing = one(run('absent', 'install'))
    for (const facts of [{ state: 'ready' }, { state: 'external' }, { state: 'unknown' }] as const)
      expect(standing(stage('p:x', skip(facts), { needs }), missing, two).waits_for).toEqual([])
  })
})
