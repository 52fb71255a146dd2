import { beforeEach, describe, expect, it } from 'vitest'
import { runStatuses, stageStatuses } from '../../src/contract/events.ts'
import type { Lease, Worker } from '../../src/engine/contract/records.ts'
import { runTransitions, stageTransitions } from '../../src/engine/contract/runLifecycle.ts'
import { identifyWorker } from '../../src/processes/workerIdentity.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { createTestRun } from './bench.ts'
import { request } from './worldStages.ts'

const worker = (id: string): Worker => identifyWorker(id)
const event = { type: 'progress' as const, message: 'm' }

const store = emptyStoreForEach()
const records = () => store().records
let writes = 0
const guard = (lease: Lease) => ({ lease, write: ++writes })
const unguarded = { lease: null }
let run: string
beforeEach(async () => {
  run = await createTestRun(store(), [request('a', { folder: '/nowhere' }), request('b', { folder: '/nowhere' })])
})
const claim = async (id: string, dead: string[] = [], time = 60_000): Promise<Lease> => {
  const claimed = await records().claim(worker(id), time, dead)
  if (!claimed) throw new Error('nothing to claim')
  return claimed.lease
}

describe('a lease', () => {
  it('is had by one worker, and its number grows with every claim', async () => {
    const first = await claim('w1')
    expect(await records().claim(worker('w2'), 60_000, [])).toBeNull()
    await records().release(first)
    const second = await claim('w2')
    expect(second.number).toBe(first.number + 1)
    expect(second.epoch).toBe(store().installation.epoch)
  })

  it('can be claimed when its time is over, or when its owner was proven dead', async () => {
    await claim('w1', [], -1)
    const second = await claim('w2')
    expect(await records().claim(worker('w3'), 60_000, ['somebody'])).toBeNull()
    const third = await claim('w3', ['w2'])
    expect(third.number).toBe(second.number + 1)
  })

  it('goes to one of many workers that claim it at the same moment', async () => {
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, index) => records().claim(worker(`w${index}`), 60_000, [])),
    )
    expect(claims.filter(one => one !== null)).toHaveLength(1)
  })

  it('is prolonged as long as it is held, and not after it was lost', async () => {
    const lease = await claim('w1', [], 1_000)
    expect(await records().renew([lease], 60_000)).toEqual([lease])
    expect(await records().claim(worker('w2'), 60_000, [])).toBeNull()
    await claim('w2', ['w1'])
    expect(await records().renew([lease], 60_000)).toEqual([])
  })

  it('is not given back by one who no longer has it', async () => {
    const old = await claim('w1')
    const lease = await claim('w2', ['w1'])
    await records().release(old)
    expect(await records().renew([old, lease], 60_000)).toEqual([lease])
  })

  it('names its owner, so that others can prove it dead', async () => {
    await claim('w1')
    const owners = await records().otherOwners('w2')
    expect(owners).toEqual([worker('w1')])
    expect(await records().otherOwners('w1')).toEqual([])
  })
})

describe('every write of a worker', () => {
  it('is refused when another worker has the lease: transitions, changes and logs', async () => {
    const old = await claim('w1')
    await records().write(run, { run: { step: 'start' }, events: [event] }, guard(old))
    await claim('w2', ['w1'])
    const before = await records().readRun(run)
    const attempts = [
      () => records().write(run, { events: [event] }, guard(old)),
      () => records().write(run, { run: { step: 'complete' }, events: [event], release: true }, guard(old)),
      () =>
        records().write(run, { changes: { list: [{ type: 'bootstrap-joiner-started' }], attempt: 'x' } }, guard(old)),
      () => records().appendLog(run, [{ stage: 'a', attempt: 1, offset: 0, text: 'late' }], old),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'lease-lost' })
    expect(await records().readRun(run)).toEqual(before)
  })

  it('is refused with an older epoch', async () => {
    const lease = await claim('w1')
    const older = { ...lease, epoch: lease.epoch - 1 }
    await expect(records().write(run, { events: [event] }, guard(older))).rejects.toMatchObject({
      code: 'lease-lost',
    })
  })

  it('is written once when it is sent twice', async () => {
    const lease = await claim('w1')
    const twice = guard(lease)
    await records().write(run, { run: { step: 'start' }, events: [event] }, twice)
    await records().write(run, { run: { step: 'start' }, events: [event] }, twice)
    expect((await records().readRun(run)).seq).toBe(2)
  })

  it('is written once when its answer was lost, though somebody asked for a cancel before it was sent again', async () => {
    const lease = await claim('w1')
    await records().write(run, { run: { step: 'start' }, events: [event] }, guard(lease))
    const lost = guard(lease)
    await records().write(run, { events: [event] }, lost)
    await records().write(run, { cancel: true, events: [event] }, unguarded)
    await records().write(run, { events: [event] }, lost)
    expect((await records().readRun(run)).seq).toBe(4)
  })

  it('is written once when it comes again late, after the next one', async () => {
    const lease = await claim('w1')
    const [first, second] = [guard(lease), guard(lease)]
    await records().write(run, { run: { step: 'start' }, events: [event] }, first)
    await records().write(run, { events: [event] }, second)
    await records().write(run, { events: [event] }, first)
    expect((await records().readRun(run)).seq).toBe(3)
  })

  it('is known to be written also when it was the one that gave the lease back', async () => {
    const lease = await claim('w1')
    await records().write(run, { run: { step: 'start' }, events: [event] }, guard(lease))
    const last = guard(lease)
    const end = { run: { step: 'complete' }, events: [event], release: true } as const
    await records().write(run, end, last)
    await records().write(run, end, last)
    expect(await records().readRun(run)).toMatchObject({ status: 'completed', seq: 3 })
    await expect(records().write(run, { events: [event] }, guard(lease))).rejects.toMatchObject({
      code: 'lease-lost',
    })
  })

  it('is one with its domain changes: when these are refused, nothing is written', async () => {
    const lease = await claim('w1')
    const list = [{ type: 'node' as const, hostname: 'm1', event: 'install' as const }]
    const written = records().write(
      run,
      { run: { step: 'start' }, events: [event], changes: { list, attempt: 'x' } },
      guard(lease),
    )
    await expect(written).rejects.toMatchObject({ code: 'not-found' })
    expect(await records().readRun(run)).toMatchObject({ status: 'queued', seq: 1 })
  })
})

describe('statuses', () => {
  it('of a run are changed exactly as the table says', async () => {
    for (const from of runStatuses)
      for (const { event: step } of runTransitions) {
        await store().database.updateTable('runs').set({ status: from }).where('id', '=', run).execute()
        const written = records().write(run, { run: { step }, events: [] }, unguarded)
        const row = runTransitions.find(one => one.from === from && one.event === step)
        if (!row) await expect(written, `${from} ${step}`).rejects.toMatchObject({ code: 'run-state' })
        else await written
        expect((await records().readRun(run)).status, `${from} ${step}`).toBe(row?.to ?? from)
      }
  })

  it('of a stage are changed exactly as the table says', async () => {
    for (const from of stageStatuses)
      for (const { event: step } of stageTransitions) {
        await store().database.updateTable('stage_runs').set({ status: from }).where('key', '=', 'a').execute()
        const written = records().write(run, { stages: [{ key: 'a', step }], events: [] }, unguarded)
        const row = stageTransitions.find(one => one.from === from && one.event === step)
        if (!row) await expect(written, `${from} ${step}`).rejects.toMatchObject({ code: 'run-state' })
        else await written
        const [stage] = await records().readStages(run)
        expect(stage?.status, `${from} ${step}`).toBe(row?.to ?? from)
      }
  })
})

describe('what people ask for', () => {
  it('is refused when the run has gone on since it was read', async () => {
    const { seq } = await records().readRun(run)
    const withdraw = { run: { step: 'withdraw' }, events: [event] } as const
    await records().write(run, { events: [event] }, unguarded)
    await expect(records().write(run, withdraw, { lease: null, seq })).rejects.toMatchObject({ code: 'run-state' })
    await records().write(run, withdraw, { lease: null, seq: seq + 1 })
    expect((await records().readRun(run)).status).toBe('cancelled')
  })

  it('can be a cancel, which a run that would pause does not forget', async () => {
    const lease = await claim('w1')
    await records().write(run, { run: { step: 'start' }, events: [event] }, guard(lease))
    await records().write(run, { cancel: true, events: [event] }, unguarded)
    const pause = { run: { step: 'pause' }, events: [event], release: true } as const
    await expect(records().write(run, pause, guard(lease))).rejects.toMatchObject({ code: 'run-state' })
    expect(await records().readRun(run)).toMatchObject({ status: 'running', cancel_requested: true })
  })
})

it('events written from many sides at once have numbers without gaps', async () => {
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      records().write(run, { events: [event, { ...event, message: String(index) }] }, unguarded),
    ),
  )
  const events = await store()
    .database.selectFrom('events')
    .select('seq')
    .where('run', '=', run)
    .orderBy('seq')
    .execute()
  expect(events.map(one => one.seq)).toEqual(Array.from({ length: 81 }, (_, index) => index + 1))
})
