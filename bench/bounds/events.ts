import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { onePlan } from '../../test/store/onePlan.ts'
import { type Bound, median, spread, timed } from '../bound.ts'

/** A run that nobody executes, to write events to. */
async function makeRun(store: Store, cluster: string): Promise<string> {
  const plan = onePlan(cluster, 0)
  await store.records.savePlan(plan, 'bench')
  return store.records.createRun(plan, { by: 'bench', accepted: [] })
}

/** One write after the other, each of one event and in a transaction that is forced to the disk. */
async function writeEvents(store: Store, run: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await store.records.write(run, { events: [{ type: 'progress', message: `event ${index}` }] }, { lease: null })
}

const each = 2_000

/** Two connections of the embedded database that write to two runs, and to one. */
export const events: Bound = {
  name: 'events',
  minutes: 5,
  async measure() {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
    const store = await openStore({ folder })
    try {
      const own = [await makeRun(store, 'own-1'), await makeRun(store, 'own-2')]
      const shared = await makeRun(store, 'shared')
      await writeEvents(store, shared, 200)
      const both = async (runs: readonly string[]): Promise<number[]> => {
        const times: number[] = []
        for (let round = 0; round < 3; round++)
          times.push((await timed(() => Promise.all(runs.map(run => writeEvents(store, run, each))))) / (2 * each))
        return times
      }
      const apart = await both(own)
      const together = await both([shared, shared])
      for (const run of [...own, shared]) await requireEveryNumber(store, run)
      return [
        { name: 'events to two runs', figure: median(apart), bound: 1, unit: 'ms', note: note(apart) },
        { name: 'events to one run', figure: median(together), bound: 1, unit: 'ms', note: note(together) },
      ]
    } finally {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

const note = (times: readonly number[]): string =>
  `each a write of its own, from two connections: ${Math.round(1000 / median(times))} a second, ${spread(times)}`

async function requireEveryNumber(store: Store, run: string): Promise<void> {
  const { seq } = await store.records.readRun(run)
  let seen = 0
  for await (const event of store.records.follow(run, 0, AbortSignal.timeout(60_000))) {
    if (event.seq !== ++seen) throw new Error(`event ${seen} of ${run} has the number ${event.seq}`)
    if (seen === seq) return
  }
  throw new Error(`${seq} events were written, ${seen} are there`)
}
