import { setTimeout as after } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { SlipwayError } from '../../src/domain/errors.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { benchForEach, createTestRun } from './bench.ts'
import { codeStages } from './codeStages.ts'

const store = emptyStoreForEach()
const bench = benchForEach(store)

/** Fails as a query does whose connection broke: so many times. */
function away(times: number): () => Promise<null> {
  let left = times
  return async () => {
    if (left-- > 0) throw new SlipwayError('database-unavailable', 'Connection terminated unexpectedly')
    return null
  }
}
async function told(run: string): Promise<string[]> {
  const types: string[] = []
  for await (const event of store().records.follow(run, 0, AbortSignal.timeout(10_000))) types.push(event.type)
  return types
}

it.each(['observe', 'execute', 'waitForReady'] as const)(
  'a stage that has no answer of the database in its %s is tried again, and fails nothing',
  async part => {
    let broken = away(0)
    const { requests, registry, executed } = codeStages({ a: { [part]: async () => void (await broken()) }, b: {} })
    const run = await createTestRun(store(), requests, 'demo', registry)
    broken = away(2)
    bench().work({ registry })
    expect(await bench().settled(run)).toBe('completed')
    const events = await told(run)
    expect(events.filter(type => type === 'stage-retried')).toHaveLength(2)
    expect(events).not.toContain('stage-failed')
    expect(executed.filter(key => key === 'b')).toHaveLength(1)
  },
)

it('a takeover that has no answer of the database is tried again, and the run goes on', async () => {
  const { requests, registry } = codeStages({
    a: { execute: context => after(60_000, undefined, { signal: context.signal }) },
  })
  const run = await createTestRun(store(), requests, 'demo', registry)
  const first = bench().work({ registry })
  for await (const event of store().records.follow(run, 0, AbortSignal.timeout(10_000)))
    if (event.type === 'stage-started') break
  await first.stop()
  const broken = away(2)
  const again = codeStages({ a: {} })
  bench().work({ registry: again.registry, onTakeover: async () => void (await broken()) })
  expect(await bench().settled(run)).toBe('completed')
  expect(await broken()).toBeNull()
  expect((await told(run)).filter(type => type === 'run-taken-over')).toHaveLength(1)
})
