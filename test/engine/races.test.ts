import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { RunRecord, RunRecords } from '../../src/engine/contract/records.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { approveRun, cancelRun, resumeRun } from '../../src/engine/run/requests.ts'
import { identifyWorker } from '../../src/processes/workerIdentity.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { benchForEach, planTest, registry } from './bench.ts'
import { until } from '../until.ts'
import { request } from './worldStages.ts'

/** Somebody is faster: `meanwhile` happens between the first reading of a run and what follows from it. */
const racing = (records: RunRecords, meanwhile: (record: RunRecord) => Promise<void>): RunRecords => {
  let first = true
  return {
    ...records,
    async readRun(run) {
      const record = await records.readRun(run)
      if (first) {
        first = false
        await meanwhile(record)
      }
      return record
    },
  }
}

const store = emptyStoreForEach()
const bench = benchForEach(store)
let reported: string[]
beforeEach(() => {
  reported = []
})
const records = () => store().records
/** That it has started is on record before its work begins. */
const untilExecuting = (key: string) =>
  until(`${key} is executed`, async () => (await bench().executed()).includes(key))
const report = (message: string) => void reported.push(message)
const begin = async (run: string) => {
  const claimed = await records().claim(identifyWorker('w'), 60_000, [])
  if (!claimed) throw new Error('nothing to claim')
  let count = 0
  const write = (transition: Parameters<RunRecords['write']>[1]) =>
    records().write(run, transition, { lease: claimed.lease, write: ++count })
  await write({ run: { step: 'start' }, events: [{ type: 'run-started', message: 'm', data: { worker: 'w' } }] })
  return write
}
const types = async (run: string) => {
  const rows = await store()
    .database.selectFrom('events')
    .select('type')
    .where('run', '=', run)
    .orderBy('seq')
    .execute()
  return rows.map(row => row.type)
}

describe('a cancel', () => {
  it('of a run that a worker begins at the same moment is left to that worker', async () => {
    const run = await bench().start([request('a', { folder: bench().folder })])
    await cancelRun(
      racing(records(), async () => void (await begin(run))),
      run,
      'test',
    )
    expect(await records().readRun(run)).toMatchObject({ status: 'running', cancel_requested: true })
  })

  it('between the claim of a run and its begin leaves nothing to do, and the cluster free', async () => {
    const run = await bench().start([request('a', { folder: bench().folder })])
    const claimed = racing(records(), record => cancelRun(records(), record.id, 'test'))
    const worker = bench().work({ records: claimed, report })
    expect(await bench().settled(run)).toBe('cancelled')
    await resumeRun(records(), registry, run, { by: 'test' })
    expect(await bench().settled(run)).toBe('completed')
    await worker.stop()
    // It is claimed once more, unless it was resumed before its worker had noticed.
    expect(new Set(reported)).toEqual(new Set(['run claimed']))
  })

  it('after which its run is resumed before the worker has noticed: the run begins anew', async () => {
    const run = await bench().start([request('a', { folder: bench().folder })])
    let refused = 0
    const claimed: RunRecords = {
      ...racing(records(), record => cancelRun(records(), record.id, 'test')),
      async write(id, transition, guard) {
        try {
          await records().write(id, transition, guard)
        } catch (error) {
          refused += 1
          await resumeRun(records(), registry, run, { by: 'test' })
          throw error
        }
      },
    }
    bench().work({ records: claimed, report })
    await until('it has begun anew', async () => (await records().readRun(run)).status === 'completed')
    expect(refused).toBe(1)
  })

  it('that comes just before its run would pause is not forgotten', async () => {
    const run = await bench().start([request('a', { folder: bench().folder, extra: true })])
    await writeFile(join(bench().folder, 'extra'), '')
    const late: RunRecords = {
      ...records(),
      // The worker is not told: it finds out when it would pause.
      onWork: () => () => {},
      async write(id, transition, guard) {
        if (transition.run?.step === 'pause') await cancelRun(records(), id, 'test')
        await records().write(id, transition, guard)
      },
    }
    bench().work({ records: late, report, limits: { poll: 60_000 } })
    expect(await bench().settled(run)).toBe('cancelled')
    expect(await types(run)).not.toContain('run-awaiting-approval')
    const [stage] = await records().readStages(run)
    expect(stage?.status).toBe('cancelled')
    await rm(join(bench().folder, 'extra'))
    bench().work()
    await resumeRun(records(), registry, run, { by: 'test' })
    expect(await bench().settled(run)).toBe('completed')
    expect(await bench().executed()).toEqual(['a'])
    expect(reported).not.toContain('run left')
  })

  it('asked for while no worker is there ends the run at its takeover, after the fence was raised', async () => {
    const run = await bench().start([request('a', { folder: bench().folder, takes: 60_000, hosts: ['m1'] })])
    const first = bench().work()
    await untilExecuting('a')
    await first.stop()
    await cancelRun(records(), run, 'test')
    const raised: string[] = []
    bench().work({
      report,
      onTakeover: async (_cluster, _fence, hosts, signal) => {
        signal.throwIfAborted()
        raised.push(...hosts)
      },
    })
    expect(await bench().settled(run)).toBe('cancelled')
    expect(raised).toEqual(['m1'])
    expect((await records().readStages(run))[0]?.status).toBe('cancelled')
    expect(await bench().executed()).toEqual(['a'])
    expect(reported).not.toContain('run left')
  })
})

it('a run that is taken over by a worker without code for its stages fails with all its stages, and can be resumed', async () => {
  const run = await bench().start([
    request('a', { folder: bench().folder, takes: 60_000 }),
    request('b', { folder: bench().folder }, [{ stage: 'a' }]),
  ])
  const first = bench().work()
  await untilExecuting('a')
  await first.stop()
  const ended: unknown[] = []
  const children = { end: async (of: unknown) => ended.push(of) }
  const older = bench().work({ registry: createRegistry([]), children, report })
  expect(await bench().settled(run)).toBe('failed')
  await older.stop()
  expect(ended).toEqual([{ attempt: `${run}/a/1` }])
  expect((await records().readRun(run)).error?.code).toBe('stage-unknown')
  expect((await records().readStages(run)).map(stage => stage.status)).toEqual(['failed', 'blocked'])
  expect(reported).not.toContain('run left')
  await writeFile(join(bench().folder, 'a.done'), '')
  bench().work()
  await resumeRun(records(), registry, run, { by: 'test' })
  expect(await bench().settled(run)).toBe('completed')
  expect(await bench().executed()).toEqual(['a', 'b'])
})

it('an approval is for the plan that is pending when it is written', async () => {
  const run = await bench().start([request('a', { folder: bench().folder })])
  const pending = async (folder: string) => {
    const plan = await planTest(store(), [request('a', { folder })])
    await records().savePlan(plan, 'test')
    return plan.hash
  }
  const [first, second] = [await pending(join(bench().folder, '1')), await pending(join(bench().folder, '2'))]
  const pause = (pendingHash: string) =>
    ({
      run: { step: 'pause', pendingHash },
      events: [{ type: 'run-awaiting-approval', message: 'm', data: { hash: pendingHash, stages: [] } }],
      release: true,
    }) as const
  await (await begin(run))(pause(first))
  const raced = racing(records(), async () => {
    await approveRun(records(), run, { by: 'somebody else', hash: first })
    await (await begin(run))(pause(second))
  })
  await expect(approveRun(raced, run, { by: 'test', hash: first })).rejects.toMatchObject({ code: 'plan-changed' })
  expect(await records().readRun(run)).toMatchObject({ status: 'awaiting_approval', pending_hash: second })
})

it('of two who resume at the same moment one is told that the run is under way already', async () => {
  bench().work()
  const run = await bench().start([request('a', { folder: bench().folder, fails: 1 })])
  expect(await bench().settled(run)).toBe('failed')
  await writeFile(join(bench().folder, 'a.done'), '')
  const resume = (with_: RunRecords) => resumeRun(with_, registry, run, { by: 'test' })
  const raced = racing(records(), () => resume(records()))
  await expect(resume(raced)).rejects.toMatchObject({ code: 'run-state' })
  expect(await bench().settled(run)).toBe('completed')
  expect((await types(run)).filter(type => type === 'run-resumed')).toHaveLength(1)
})
