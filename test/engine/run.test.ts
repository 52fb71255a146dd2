import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../until.ts'
import { SlipwayError } from '../../src/domain/errors.ts'
import { approveRun, cancelRun, resumeRun } from '../../src/engine/run/requests.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { createTestRun, benchForEach, registry } from './bench.ts'
import { codeStages } from './codeStages.ts'
import { request } from './worldStages.ts'

const store = emptyStoreForEach()
const bench = benchForEach(store)
const statuses = async (run: string) =>
  Object.fromEntries((await bench().store.records.readStages(run)).map(stage => [stage.key, stage.status]))

it('executes stages in the order of their needs and completes the run, with events without gaps', async () => {
  const { folder } = bench()
  bench().work()
  const run = await bench().start([
    request('c', { folder }, [{ stage: 'b' }]),
    request('a', { folder }),
    request('b', { folder }, [{ stage: 'a' }]),
  ])
  expect(await bench().settled(run)).toBe('completed')
  expect(await bench().executed()).toEqual(['a', 'b', 'c'])
  const events = await bench().events(run)
  expect(events.map(event => event.seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.map(event => event.type)).toEqual([
    'run-queued',
    'run-started',
    'stage-started',
    'stage-completed',
    'stage-started',
    'stage-completed',
    'stage-started',
    'stage-completed',
    'run-completed',
  ])
})

it('skips what is done already and what is disabled', async () => {
  const { folder } = bench()
  await writeFile(join(folder, 'a.done'), '')
  bench().work()
  const run = await bench().start([
    request('a', { folder }),
    request('b', { folder }, [{ stage: 'a' }]),
    request('c', { folder }, [], { disabled: 'switched off in the file' }),
  ])
  expect(await bench().settled(run)).toBe('completed')
  expect(await bench().executed()).toEqual(['b'])
  expect(await statuses(run)).toEqual({ a: 'skipped', b: 'completed', c: 'skipped' })
})

it('stops only what needs a failed stage, and ends the run as failed with the cause', async () => {
  const { folder } = bench()
  bench().work()
  const run = await bench().start([
    request('a', { folder, fails: 1 }),
    request('b', { folder }, [{ stage: 'a' }]),
    request('c', { folder }, [{ stage: 'b' }]),
    request('d', { folder, takes: 50 }),
    request('e', { folder }, [{ stage: 'a', until: 'settled' }]),
  ])
  expect(await bench().settled(run)).toBe('failed')
  expect(await statuses(run)).toEqual({ a: 'failed', b: 'blocked', c: 'blocked', d: 'completed', e: 'completed' })
  const { error } = await bench().store.records.readRun(run)
  expect(error?.message).toContain('a failed on purpose')
  expect(error?.code).toBe('run-failed')
})

it('tells the first error of a failed run whole: its remedy, its causes, and what the host said', async () => {
  const facts = { host: 'm1', journal: 'etcd: no space left' }
  const failing = codeStages({
    a: {
      execute: async () => {
        throw new SlipwayError('service-failed', 'm1: rke2-server', { cause: new Error('a cause'), facts })
      },
    },
  })
  bench().work({ registry: failing.registry })
  const run = await createTestRun(bench().store, failing.requests, 'demo', failing.registry)
  expect(await bench().settled(run)).toBe('failed')
  expect((await bench().store.records.readRun(run)).error).toMatchObject({
    code: 'run-failed',
    message: 'Do a: m1: rke2-server',
    remedy: expect.stringContaining('journal lines that are shown'),
    causes: ['a cause'],
    facts: { ...facts, stage: 'a', cause: 'service-failed' },
  })
})

it('tries a stage again where it declares its faults transient', async () => {
  const { folder } = bench()
  bench().work()
  const run = await bench().start([request('a', { folder, fails: 2, transient: true })])
  expect(await bench().settled(run)).toBe('completed')
  expect(await bench().executed()).toEqual(['a', 'a', 'a'])
  const types = (await bench().events(run)).map(event => event.type)
  expect(types.filter(type => type === 'stage-retried')).toHaveLength(2)
})

it('fails a stage that does not end in its time, also one that ignores its signal', async () => {
  const { folder } = bench()
  const ended: string[] = []
  bench().work({
    limits: { grace: 100 },
    children: {
      end: async of => {
        if ('attempt' in of) ended.push(of.attempt)
        return 0
      },
    },
  })
  const run = await bench().start([request('a', { folder, takes: 3_000, timeout: 100, ignoresSignal: true })])
  expect(await bench().settled(run)).toBe('failed')
  const [stage] = await bench().store.records.readStages(run)
  expect(stage?.error?.code).toBe('stage-timeout')
  expect(ended).toEqual([`${run}/a/1`])
})

it('resumes a failed run with what is unfinished only', async () => {
  const { folder } = bench()
  bench().work()
  const run = await bench().start([
    request('a', { folder }),
    request('b', { folder, fails: 1 }, [{ stage: 'a' }]),
    request('c', { folder }, [{ stage: 'b' }]),
  ])
  expect(await bench().settled(run)).toBe('failed')
  await writeFile(join(folder, 'b.done'), '')
  await resumeRun(bench().store.records, registry, run, { by: 'test' })
  expect(await bench().settled(run)).toBe('completed')
  expect(await bench().executed()).toEqual(['a', 'b', 'c'])
})

it('pauses for an approval when a completed stage was lost before a resume, and goes on when it is given', async () => {
  const { folder } = bench()
  bench().work()
  const run = await bench().start([request('a', { folder }), request('b', { folder, fails: 1 }, [{ stage: 'a' }])])
  expect(await bench().settled(run)).toBe('failed')
  await rm(join(folder, 'a.done'))
  await resumeRun(bench().store.records, registry, run, { by: 'test' })
  expect(await bench().settled(run)).toBe('awaiting_approval')
  const { pending_hash } = await bench().store.records.readRun(run)
  await expect(approveRun(bench().store.records, run, { by: 'test', hash: '0123456789ab' })).rejects.toMatchObject({
    code: 'plan-changed',
  })
  await writeFile(join(folder, 'b.done'), '')
  await approveRun(bench().store.records, run, { by: 'test', hash: (pending_hash ?? '').slice(0, 12) })
  expect(await bench().settled(run)).toBe('completed')
  expect(await bench().executed()).toEqual(['a', 'b', 'a'])
})

it('pauses and shows the difference when the world changed between approval and execution', async () => {
  const { folder } = bench()
  const run = await bench().start([request('a', { folder, extra: true })])
  await writeFile(join(folder, 'extra'), '')
  bench().work()
  expect(await bench().settled(run)).toBe('awaiting_approval')
  expect(await bench().executed()).toEqual([])
  const stop = AbortSignal.timeout(1000)
  const events = []
  for await (const event of bench().store.records.follow(run, 0, stop)) events.push(event)
  expect(events.at(-1)?.data).toMatchObject({
    stages: [{ stage: 'a', more: [{ effect: 'delete', target: 'extra' }] }],
  })
})

it('cancels what runs, ends its children, and resumes', async () => {
  const { folder } = bench()
  bench().work()
  const run = await bench().start([request('a', { folder, takes: 20_000 }), request('b', { folder }, [{ stage: 'a' }])])
  // That it has started is on record before its work begins.
  await until('a is executed', async () => (await bench().executed()).includes('a'))
  await cancelRun(bench().store.records, run, 'test')
  expect(await bench().settled(run)).toBe('cancelled')
  expect(await statuses(run)).toEqual({ a: 'cancelled', b: 'cancelled' })
  await writeFile(join(folder, 'a.done'), '')
  await resumeRun(bench().store.records, registry, run, { by: 'test' })
  expect(await bench().settled(run)).toBe('completed')
  expect(await bench().executed()).toEqual(['a', 'b'])
})
