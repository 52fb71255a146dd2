import { expect, it } from 'vitest'
import type { Store } from '../../src/store/openStore.ts'
import { createEmbedded, serverKind } from './databases.ts'
import { onePlan } from './onePlan.ts'

const server = serverKind()
/** So many writers, each with one write after the other, of one event and of three in turn. */
const writers = 4
const writes = 60

const write = (store: Store, run: string, names: readonly string[]) =>
  store.records.write(run, { events: names.map(message => ({ type: 'progress' as const, message })) }, { lease: null })

/** What a writer writes, in its order. */
const namesOf = (writer: number): string[][] =>
  Array.from({ length: writes }, (_, index) =>
    Array.from({ length: index % 2 === 0 ? 1 : 3 }, (_each, part) => `${writer}.${index}.${part}`),
  )

async function readAll(store: Store, run: string): Promise<{ seq: number; message: string }[]> {
  const { seq } = await store.records.readRun(run)
  const read: { seq: number; message: string }[] = []
  for await (const event of store.records.follow(run, 0, AbortSignal.timeout(10_000))) {
    read.push({ seq: event.seq, message: event.message })
    if (read.length === seq) break
  }
  return read
}

it.each(['embedded', 'server'])(
  'events that are written at the same time have each their number, none lost and none twice (%s)',
  async kind => {
    const database = kind === 'embedded' ? await createEmbedded() : await server.create()
    // On a server two processes write; the embedded database has one, with several connections.
    const stores = [await database.open(), ...(kind === 'server' ? [await database.open()] : [])]
    const [first] = stores
    if (!first) throw new Error('no store')
    const runs: string[] = []
    for (const cluster of ['one', 'other']) {
      const plan = onePlan(cluster, 0)
      await first.records.savePlan(plan, 'test')
      runs.push(await first.records.createRun(plan, { by: 'test', accepted: [] }))
    }
    const before = await Promise.all(runs.map(run => readAll(first, run)))
    // Two of them to each of the runs, one of each store.
    const work = Array.from({ length: writers }, async (_, writer) => {
      const store = stores[writer % stores.length] ?? first
      for (const names of namesOf(writer)) await write(store, runs[Math.floor(writer / 2)] ?? '', names)
    })
    await Promise.all(work)
    for (const [index, run] of runs.entries()) {
      const events = await readAll(first, run)
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
      const written = events.slice(before[index]?.length).map(({ message }) => message)
      // As each has written them: what was asked later has the higher number, and those of one write stand together.
      for (const writer of [2 * index, 2 * index + 1])
        expect(written.filter(message => message.startsWith(`${writer}.`))).toEqual(namesOf(writer).flat())
      expect(written).toHaveLength(2 * namesOf(0).flat().length)
    }
    for (const store of stores) await store.close()
    await database.remove()
  },
)
