import { expect, it } from 'vitest'
import { makePlan } from '../../engine/plan/plan.ts'
import { createRegistry } from '../../engine/contract/registry.ts'
import { bindStage, type StageKind } from '../../engine/contract/stage.ts'
import { idleRecords, type Recorded } from './idleRecords.ts'
import type { PlannedDecision } from '../../contract/plan.ts'

const version = 'v1.34.1+rke2r1'
const registry = createRegistry([
  {
    kind: 'agents',
    bind: () =>
      bindStage({
        timeout: 1000,
        touches: [],
        records: {
          skipped: leftOut =>
            ['w1', 'w2'].flatMap(hostname =>
              leftOut.has(hostname) ? [] : [{ type: 'node-works', hostname, installed_version: version }],
            ),
          leftOut: (hostname, reason) => [{ type: 'node-behind', hostname, reason }],
          runCompleted: [{ type: 'installation-stage', stage: 'completed' }],
        },
        observe: async () => null,
        checkPrerequisites: () => [],
        shouldRun: () => ({ kind: 'skip', reason: 'done' }),
        execute: async () => {},
        waitForReady: async () => {},
      }),
  },
])
const planOf = (decision: PlannedDecision) => {
  const stage = { kind: 'agents', key: 'agents', title: '', needs: [], arguments: null, after: [], unmet: [], decision }
  return makePlan({
    subject: { kind: 'cluster', name: 'demo' },
    title: 'Apply demo',
    desired_version: 1,
    stages: [stage],
  })
}
const node = (hostname: string, over: Partial<Recorded['nodes'][number]> = {}) => ({
  hostname,
  status: 'active' as const,
  behind: null,
  installed_version: version,
  ...over,
})
const recorded = (over: Partial<Recorded> = {}): Recorded => ({
  installation_stage: 'completed',
  nodes: [node('w1'), node('w2')],
  ...over,
})
const idle: PlannedDecision = { kind: 'skip', reason: 'done' }
const works = (hostname: string) => ({ type: 'node-works', hostname, installed_version: version })
const late = { since: '2026-01-01T00:00:00Z', reason: 'it was off' }

it('what is on record already is no news', () => {
  expect(idleRecords(planOf(idle), registry, recorded())).toEqual([])
})

it.each([
  ['recovered by itself', { status: 'failed' as const }],
  ['has caught up', { behind: late }],
  ['was never seen to work', { status: 'pending' as const, installed_version: null }],
])('a node that %s is put on record', (_what, over) => {
  expect(idleRecords(planOf(idle), registry, recorded({ nodes: [node('w1'), node('w2', over)] }))).toEqual([
    works('w2'),
  ])
})

it('a node that is left out is behind, and does not count as working', () => {
  const decision: PlannedDecision = { ...idle, left_out: [{ host: 'w2', reason: 'w2 is off' }] }
  const nodes = [node('w1'), node('w2', { status: 'failed' })]
  expect(idleRecords(planOf(decision), registry, recorded({ nodes }))).toEqual([
    { type: 'node-behind', hostname: 'w2', reason: 'w2 is off' },
  ])
  const known = [node('w1'), node('w2', { behind: late })]
  expect(idleRecords(planOf(decision), registry, recorded({ nodes: known }))).toEqual([])
})

it('an installation with nothing left to do is complete', () => {
  expect(idleRecords(planOf(idle), registry, recorded({ installation_stage: 'workers' }))).toEqual([
    { type: 'installation-stage', stage: 'completed' },
  ])
})

it('a node that is being drained, and a plan that has something to do, leave the record alone', () => {
  expect(
    idleRecords(planOf(idle), registry, recorded({ nodes: [node('w1', { status: 'draining' }), node('w2')] })),
  ).toEqual([])
  const busy: PlannedDecision = { kind: 'run', reason: 'x', changes: [] }
  expect(idleRecords(planOf(busy), registry, recorded({ installation_stage: 'workers' }))).toEqual([])
})

it('a node of which nothing is left goes off the record; one that is not there any more is no news', () => {
  const leave: StageKind = {
    kind: 'agents',
    bind: () =>
      bindStage({
        timeout: 1000,
        touches: [],
        records: { skipped: () => [{ type: 'node-leaves', hostname: 'w2', leaving: 'ended' }] },
        observe: async () => null,
        checkPrerequisites: () => [],
        shouldRun: () => ({ kind: 'skip', reason: 'gone' }),
        execute: async () => {},
        waitForReady: async () => {},
      }),
  }
  const leaving = createRegistry([leave])
  expect(idleRecords(planOf(idle), leaving, recorded())).toEqual([
    { type: 'node-leaves', hostname: 'w2', leaving: 'ended' },
  ])
  expect(idleRecords(planOf(idle), leaving, recorded({ nodes: [node('w1')] }))).toEqual([])
})
