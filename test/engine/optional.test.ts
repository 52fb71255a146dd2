import { expect, it } from 'vitest'
import { blockingFindings, createRun } from '../../src/engine/run/requests.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { benchForEach, planTest } from './bench.ts'
import { codeStages } from './codeStages.ts'
import { request } from './worldStages.ts'

/** Stages that may fail: the run goes on and completes without them, and says so. */

const store = emptyStoreForEach()
const bench = benchForEach(store)
const optional = { optional: true } as const
const statuses = async (run: string) =>
  Object.fromEntries((await store().records.readStages(run)).map(stage => [stage.key, stage.status]))

it('leaves out what needs a stage that may fail, completes, and names what is missing', async () => {
  const { folder } = bench()
  bench().work()
  const run = await bench().start([
    request('logs', { folder, fails: 1 }, [], optional),
    request('store', { folder }, [{ stage: 'logs' }], optional),
    request('shop', { folder }, [{ stage: 'store', until: 'settled' }]),
  ])
  expect(await bench().settled(run)).toBe('completed')
  expect(await statuses(run)).toEqual({ logs: 'failed', store: 'blocked', shop: 'completed' })
  const { error } = await store().records.readRun(run)
  expect(error).toMatchObject({
    code: 'optional-failed',
    message: 'Do logs: logs failed on purpose; left out with that: Do store',
    findings: [{ about: 'stage logs', message: 'logs failed on purpose' }],
  })
  const ended = (await bench().events(run)).at(-1)
  expect(ended).toMatchObject({ type: 'run-completed', data: { without: ['logs', 'store'] } })
})

it('fails where what is required needs one that may fail, or fails beside it', async () => {
  const { folder } = bench()
  bench().work()
  const needs = await bench().start([
    request('logs', { folder, fails: 1 }, [], optional),
    request('shop', { folder }, [{ stage: 'logs' }]),
  ])
  expect(await bench().settled(needs)).toBe('failed')
  const beside = await bench().start([
    request('metrics', { folder, fails: 1 }, [], optional),
    request('database', { folder, fails: 1 }),
  ])
  expect(await bench().settled(beside)).toBe('failed')
  expect((await store().records.readRun(beside)).error).toMatchObject({
    code: 'run-failed',
    facts: { stage: 'database' },
  })
})

it('of a plan only errors of what is required stand in the way; a warning does wherever it stands', async () => {
  const found = (severity: 'error' | 'warning') => () => [
    { name: 'host-unreachable', severity, about: 'it', message: `an ${severity}`, remedy: 'None.' } as const,
  ]
  const stages = codeStages({
    broken: { checkPrerequisites: found('error') },
    doubtful: { checkPrerequisites: found('warning') },
    plain: {},
  })
  const requests = stages.requests.map(one => (one.key === 'plain' ? one : { ...one, ...optional }))
  const plan = await planTest(store(), requests, 'demo', stages.registry)
  expect(blockingFindings(plan, []).map(({ message }) => message)).toEqual(['an warning'])
  expect(blockingFindings(plan, ['host-unreachable'])).toEqual([])
  bench().work({ registry: stages.registry })
  const run = await createRun(store().records, plan, { by: 'test', accept: ['host-unreachable'] })
  expect(await bench().settled(run)).toBe('completed')
  expect(await statuses(run)).toEqual({ broken: 'failed', doubtful: 'completed', plain: 'completed' })
})
