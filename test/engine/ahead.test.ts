import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { SlipwayError } from '../../src/domain/errors.ts'
import type { StageContext } from '../../src/engine/contract/stage.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { until } from '../until.ts'
import { benchForEach, createTestRun } from './bench.ts'
import { type CodeStage, codeStages } from './codeStages.ts'
import { orphansOf } from './killHarness.ts'

const store = emptyStoreForEach()
const bench = benchForEach(store)
const children = { end: (of: Parameters<typeof endChildren>[0]) => endChildren(of, 100) }

/** Starts what takes its time, where it is told that it may. Returns whether it was. */
async function start({ ahead }: StageContext, run: () => string): Promise<boolean> {
  if (!ahead) return false
  spawn('sleep', ['600'], { env: { ...process.env, ...ahead.environment }, stdio: 'ignore' })
  await until('it has started', () => orphansOf(run()).length > 0)
  return true
}

async function begin(stage: (run: () => string) => CodeStage) {
  let id = ''
  const stages = codeStages({ a: stage(() => id) })
  id = await createTestRun(store(), stages.requests, 'demo', stages.registry)
  bench().work({ registry: stages.registry, children })
  return id
}

it('what is started while a stage looks is its attempt’s', async () => {
  const told: boolean[] = []
  let alive = 0
  const run = await begin(id => ({
    observe: async context => told.push(await start(context, id)),
    execute: async () => {
      alive = orphansOf(id()).length
      await children.end({ attempt: `${id()}/a/1` })
    },
  }))
  expect(await bench().settled(run)).toBe('completed')
  // Planning only looks.
  expect(told).toEqual([false, true])
  expect(alive).toBe(1)
})

it.each([
  ['has nothing to do any more', () => [], 'completed'],
  [
    'cannot be executed',
    () => {
      throw new SlipwayError('host-unreachable', 'm1 is off')
    },
    'failed',
  ],
])('it is ended where the stage %s', async (_what, checkPrerequisites, status) => {
  let looks = 0
  const run = await begin(id => ({
    observe: async context => {
      looks++
      await start(context, id)
    },
    checkPrerequisites: () => (looks > 1 ? checkPrerequisites() : []),
    shouldRun: () =>
      looks > 1
        ? { kind: 'skip', reason: 'it is done' }
        : { kind: 'run', reason: 'x', changes: [{ effect: 'create', target: 'a', summary: 'create a' }] },
  }))
  expect(await bench().settled(run)).toBe(status)
  expect(orphansOf(run)).toEqual([])
})
