import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import { SlipwayError } from '../../src/domain/errors.ts'
import type { Lease, RunRecords } from '../../src/engine/contract/records.ts'
import { resumeRun } from '../../src/engine/run/requests.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { createTestRun, benchForEach } from './bench.ts'
import { type CodeStage, codeStages } from './codeStages.ts'

/** ms; much longer than a busy machine keeps a renewal waiting. */
const limits = { leaseTime: 2_400, leaseMargin: 600 }

const store = emptyStoreForEach()
const bench = benchForEach(store)
let reported: string[]
beforeEach(() => {
  reported = []
})
const begin = async (given: Record<string, CodeStage>, records: RunRecords) => {
  const { requests, registry } = codeStages(given)
  const run = await createTestRun(store(), requests, 'demo', registry)
  const worker = bench().work({ registry, records, limits, report: message => void reported.push(message) })
  return { run, registry, worker }
}

it('a lease that went back with the end of its run is no loss, however late the answer comes', async () => {
  const watched = watchRenewals(store().records)
  const { run, worker } = await begin(
    { a: {} },
    {
      ...watched.records,
      async write(id, transition, guard) {
        await store().records.write(id, transition, guard)
        if (transition.release) await watched.renewed(() => true)
      },
    },
  )
  expect(await bench().settled(run)).toBe('completed')
  await worker.stop()
  expect(reported).toEqual(['run claimed'])
})

it('an answer that is lost with the end of a run is no loss of the lease, though the run is claimed again by then', async () => {
  const goesOn = Promise.withResolvers<void>()
  const refused = Promise.withResolvers<void>()
  let [tries, ends] = [0, 0]
  const { run, registry } = await begin(
    {
      a: {
        execute: async () => {
          if (++tries === 1) throw new Error('failed on purpose')
          goesOn.resolve()
          await refused.promise
        },
      },
    },
    {
      ...store().records,
      async write(id, transition, guard) {
        const isEnd = transition.run?.step === 'fail'
        const written = store().records.write(id, transition, guard)
        if (isEnd && ++ends === 2) void written.catch(() => {}).then(refused.resolve)
        await written
        if (!isEnd) return
        await goesOn.promise
        throw new SlipwayError('database-unavailable', 'the answer was lost')
      },
    },
  )
  expect(await bench().settled(run)).toBe('failed')
  await resumeRun(store().records, registry, run, { by: 'test' })
  expect(await bench().settled(run)).toBe('completed')
  expect(reported).toEqual(['run claimed', 'run claimed'])
})

it('a run that is claimed again before its earlier execution has quite ended keeps its new lease', async () => {
  const watched = watchRenewals(store().records)
  const claimedAgain = Promise.withResolvers<void>()
  const firstEnded = Promise.withResolvers<void>()
  let tries = 0
  const { run, registry } = await begin(
    {
      a: {
        execute: async () => {
          if (++tries === 1) throw new Error('failed on purpose')
          claimedAgain.resolve()
          await firstEnded.promise
          await watched.renewed(lease => lease.number === 2)
        },
      },
    },
    {
      ...watched.records,
      async write(id, transition, guard) {
        await store().records.write(id, transition, guard)
        if (transition.run?.step === 'fail') await claimedAgain.promise
      },
      async release(lease) {
        await store().records.release(lease)
        // What follows in the worker has been done when the next turn of the event loop comes.
        void turn().then(firstEnded.resolve)
      },
    },
  )
  expect(await bench().settled(run)).toBe('failed')
  await resumeRun(store().records, registry, run, { by: 'test' })
  expect(await bench().settled(run)).toBe('completed')
  expect(reported).toEqual(['run claimed', 'run claimed'])
})

/** Records that tell when a renewal of such a lease, asked for from now on, was answered and worked in. */
function watchRenewals(records: RunRecords) {
  const waiting = new Set<{ readonly which: (lease: Lease) => boolean; done(): void }>()
  return {
    renewed: (which: (lease: Lease) => boolean) =>
      new Promise<void>(resolve => {
        waiting.add({ which, done: resolve })
      }),
    records: {
      ...records,
      async renew(leases: readonly Lease[], timeToLive: number) {
        const asked = [...waiting].filter(({ which }) => leases.some(which))
        const kept = await records.renew(leases, timeToLive)
        for (const one of asked) {
          waiting.delete(one)
          void turn().then(one.done)
        }
        return kept
      },
    },
  }
}
