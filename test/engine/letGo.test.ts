import { setTimeout as after } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { SlipwayError } from '../../src/domain/errors.ts'
import { cancelRun, resumeRun } from '../../src/engine/run/requests.ts'
import type { AttemptContext } from '../../src/engine/contract/stage.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { aCluster, emptyStoreForEach } from '../store/fixtures.ts'
import { benchForEach, createTestRun } from './bench.ts'
import { type CodeStage, type CodeStages, codeStages, create } from './codeStages.ts'

/** What a stage holds only while it is under way is given back when its run is cancelled, whoever is at it then. */

const store = emptyStoreForEach()
const bench = benchForEach(store)
beforeEach(() => aCluster(store()))

const holding = {
  execute: async (context: AttemptContext) => {
    await context.record('m1 is drained', [{ type: 'node', hostname: 'm1', event: 'install' }])
    await after(60_000, undefined, { signal: context.signal })
  },
}

async function begin(stages: Readonly<Record<string, CodeStage>>) {
  const made = codeStages(stages)
  const run = await createTestRun(store(), made.requests, 'demo', made.registry)
  const worker = bench().work({ registry: made.registry })
  const events = store().records.follow(run, 0, AbortSignal.timeout(10_000))
  for await (const { type } of events) if (type === 'progress') return { run, worker, registry: made.registry }
  throw new Error('no stage began')
}
const statusOf = async (hostname: string) =>
  (await listNodes(store().database, 'demo')).find(node => node.hostname === hostname)?.status
const cancelledEvent = async (run: string, key: string) =>
  (await bench().events(run)).find(({ type, stage }) => type === 'stage-cancelled' && stage === key)?.data

it('a cancelled stage lets go, and what it says is written with its end', async () => {
  let aborted = true
  const { run } = await begin({
    a: {
      ...holding,
      letGo: async ({ signal }) => {
        aborted = signal.aborted
        return [{ type: 'node', hostname: 'm1', event: 'ready' }]
      },
    },
  })
  expect(await statusOf('m1')).toBe('installing')
  await cancelRun(store().records, run, 'test')
  expect(await bench().settled(run)).toBe('cancelled')
  expect([aborted, await statusOf('m1')]).toEqual([false, 'active'])
  expect(await cancelledEvent(run, 'a')).toEqual({ began: true, kept: null })
})

it('what another worker had begun lets go as well, and what never began does not', async () => {
  const letGo: string[] = []
  const stage = (key: string): CodeStage => ({
    ...holding,
    letGo: async () => {
      letGo.push(key)
      return []
    },
  })
  const { run, worker, registry } = await begin({ a: stage('a'), b: { ...stage('b'), needs: [{ stage: 'a' }] } })
  await worker.stop()
  await cancelRun(store().records, run, 'test')
  expect(letGo).toEqual([])
  bench().work({ registry })
  expect(await bench().settled(run)).toBe('cancelled')
  expect(letGo).toEqual(['a'])
})

it('a stage that cannot let go says so, and the run ends all the same', async () => {
  const { run, registry } = await begin({
    a: {
      ...holding,
      letGo: async () => {
        throw new SlipwayError('host-unreachable', 'the API does not answer')
      },
    },
  })
  await cancelRun(store().records, run, 'test')
  expect(await bench().settled(run)).toBe('cancelled')
  expect(await cancelledEvent(run, 'a')).toEqual({
    began: true,
    kept: 'host-unreachable: the API does not answer',
  })
  await resumeRun(store().records, registry, run, { by: 'test' })
})

describe('a run whose stage has failed, and that is cancelled', () => {
  const letGo: string[] = []
  const failing = (more: readonly string[]) => {
    let tries = 0
    return codeStages({
      a: {
        execute: async () => {
          tries += 1
          throw new SlipwayError('service-failed', 'it holds on')
        },
        shouldRun: () => ({ kind: 'run', reason: 'always', changes: ['a', ...(tries > 0 ? more : [])].map(create) }),
        letGo: async (_context, end) => {
          letGo.push(end)
          if (end === 'failed') throw new SlipwayError('host-unreachable', 'the API does not answer')
          return []
        },
      },
    })
  }
  const fail = async ({ requests, registry }: CodeStages) => {
    letGo.length = 0
    const run = await createTestRun(store(), requests, 'demo', registry)
    const worker = bench().work({ registry })
    expect(await bench().settled(run)).toBe('failed')
    // It was asked with its failure as well, and what it still holds is told.
    expect(letGo.splice(0)).toEqual(['failed'])
    const { error } = await store().records.readRun(run)
    expect(error?.causes).toContain('not taken back: host-unreachable: the API does not answer')
    return { run, worker, again: () => resumeRun(store().records, registry, run, { by: 'test' }) }
  }

  it('while it awaits an approval, lets go', async () => {
    const { run, again } = await fail(failing(['b']))
    await again()
    expect(await bench().settled(run)).toBe('awaiting_approval')
    await cancelRun(store().records, run, 'test')
    expect(await bench().settled(run)).toBe('cancelled')
    expect(letGo).toEqual(['cancelled'])
    expect(await store().records.readRun(run)).toMatchObject({ pending_hash: null, cancel_requested: false })
  })

  it('while it waits for a worker, lets go when there is one, and does nothing else', async () => {
    const stages = failing([])
    const { run, worker, again } = await fail(stages)
    await worker.stop()
    await again()
    await cancelRun(store().records, run, 'test')
    await cancelRun(store().records, run, 'once more')
    expect([(await store().records.readRun(run)).status, letGo]).toEqual(['queued', []])
    bench().work({ registry: stages.registry })
    expect(await bench().settled(run)).toBe('cancelled')
    expect([letGo, (await store().records.readStages(run)).map(({ attempts }) => attempts)]).toEqual([
      ['cancelled'],
      [1],
    ])
  })
})
