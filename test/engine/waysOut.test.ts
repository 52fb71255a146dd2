import { setTimeout as after } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type RunStatus, type StageStatus, stageStatuses } from '../../src/contract/events.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { approveRun, cancelRun, resumeRun } from '../../src/engine/run/requests.ts'
import { bindStage, type StageRequest } from '../../src/engine/contract/stage.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { createTestRun, benchForEach } from './bench.ts'
import { create } from './codeStages.ts'

type Step = 'work' | 'cancel' | 'approve' | 'resume'
/** What can be done for a run that has not come to its final end. */
const ways: readonly (readonly [RunStatus, Step])[] = [
  ['queued', 'work'],
  ['queued', 'cancel'],
  ['running', 'work'],
  ['running', 'cancel'],
  ['awaiting_approval', 'approve'],
  ['awaiting_approval', 'cancel'],
  ['failed', 'resume'],
  ['cancelled', 'resume'],
]

/** Stages that succeed; what they make is remembered by cluster. */
function memoryStages() {
  const made = new Set<string>()
  const registry = createRegistry([
    {
      kind: 'memory',
      bind: ({ key, arguments: cluster }) =>
        bindStage({
          timeout: 20_000,
          touches: [],
          observe: async () => made.has(`${cluster}/${key}`),
          checkPrerequisites: () => [],
          shouldRun: done =>
            done
              ? { kind: 'skip', reason: 'made' }
              : { kind: 'run', reason: 'not made', changes: [create(`${cluster}/${key}`)] },
          execute: async () => void made.add(`${cluster}/${key}`),
          waitForReady: async () => {},
        }),
    },
  ])
  const stage = (cluster: string, key: string, needs: StageRequest['needs'] = []): StageRequest => ({
    kind: 'memory',
    key,
    title: key,
    needs,
    arguments: cluster,
  })
  const requests = (cluster: string) => [stage(cluster, 'a'), stage(cluster, 'b', [{ stage: 'a' }])]
  return { registry, requests }
}

const store = emptyStoreForEach()
const bench = benchForEach(store)
const reported: unknown[] = []
const { registry, requests } = memoryStages()
const records = () => store().records
const by = { by: 'test' }

/** A run whose two stages are where no order of events may ever have left them. */
async function runIn(cluster: string, status: RunStatus, stages: readonly StageStatus[]): Promise<string> {
  const run = await createTestRun(store(), requests(cluster), cluster, registry)
  const { database } = store()
  const { plan_hash } = await records().readRun(run)
  for (const [index, state] of stages.entries()) {
    const key = index === 0 ? 'a' : 'b'
    const attempts = state === 'waiting' || state === 'skipped' ? 0 : 1
    await database
      .updateTable('stage_runs')
      .set({ status: state, attempts })
      .where('run', '=', run)
      .where('key', '=', key)
      .execute()
    if (attempts > 0)
      await database
        .insertInto('attempts')
        .values({ run, stage: key, number: 1, worker: 'gone', epoch: 1, fence: 0, status: 'running' })
        .execute()
  }
  const pending_hash = status === 'awaiting_approval' ? plan_hash : null
  await database.updateTable('runs').set({ status, pending_hash }).where('id', '=', run).execute()
  return run
}

async function take(step: Step, run: string): Promise<void> {
  if (step === 'cancel') await cancelRun(records(), run, 'test')
  if (step === 'resume') await resumeRun(records(), registry, run, by)
  if (step === 'approve')
    await approveRun(records(), run, { ...by, hash: (await records().readRun(run)).pending_hash ?? '' })
}

async function settle(run: string): Promise<RunStatus> {
  const status = async () => (await records().readRun(run)).status
  for (;;) {
    const now = await status()
    if (now !== 'queued' && now !== 'running') return now
    await after(10)
  }
}

it('from every status, whatever its stages are left in, a run comes to its end by what may be asked for in it', async () => {
  const both = stageStatuses.flatMap(a => stageStatuses.map(b => [a, b] as const))
  const cases = ways.flatMap(([status, first]) => both.map(stages => ({ status, first, stages })))
  const begun: { run: string; name: string; first: Step }[] = []
  for (const [index, { status, first, stages }] of cases.entries()) {
    const run = await runIn(`c${index}`, status, stages)
    await take(first, run)
    begun.push({ run, name: `${status} with ${stages.join(' and ')}, then ${first}`, first })
  }
  bench().work({ registry, limits: { runsAtOnce: 20 }, report: (_, { error }) => error && reported.push(error) })
  for (const { run, name, first } of begun) {
    let status = await settle(run)
    if (first === 'cancel') expect(status, name).toBe('cancelled')
    const steps: string[] = []
    while (status !== 'completed') {
      await expectNothingRuns(run, name)
      const way = ways.find(([from, step]) => from === status && step !== 'cancel')
      steps.push(status)
      expect(steps.length, `${name}: ${steps.join(', ')}`).toBeLessThan(5)
      await take(way?.[1] ?? 'work', run)
      status = await settle(run)
    }
    await expectNothingRuns(run, name)
  }
  expect(reported).toEqual([])
})

async function expectNothingRuns(run: string, name: string): Promise<void> {
  const stages = await records().readStages(run)
  expect(
    stages.filter(stage => stage.status === 'running').map(stage => stage.key),
    name,
  ).toEqual([])
}
