import { setTimeout as after } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlacedEvent } from '../../src/contract/events.ts'
import { clusterSubject } from '../../src/domain/subject.ts'
import type { EventFilter } from '../../src/store/events.ts'
import type { Store } from '../../src/store/openStore.ts'
import { until } from '../until.ts'
import { createEmbedded, serverKind, type TestDatabase } from './databases.ts'
import { onePlan } from './onePlan.ts'

const server = serverKind()
const start = { after: '0-0' }

async function newRun(store: Store, cluster: string): Promise<string> {
  const plan = onePlan(cluster, 0)
  await store.records.savePlan(plan, 'test')
  return store.records.createRun(plan, { by: 'test', accepted: [] })
}

const write = (store: Store, run: string, messages: readonly string[]) =>
  store.records.write(
    run,
    { events: messages.map(message => ({ type: 'progress' as const, message })) },
    { lease: null },
  )

async function readAll(store: Store, filter: EventFilter = {}, pageOf = 7): Promise<PlacedEvent[]> {
  const all: PlacedEvent[] = []
  let place = await store.events.placeOf(filter, start)
  for (;;) {
    const page = await store.events.read(filter, place, pageOf)
    all.push(...page)
    const last = page.at(-1)
    if (!last) return all
    place = await store.events.placeOf(filter, { after: last.position })
  }
}

/** Writes an event in a transaction that stays open. */
async function holding(store: Store, run: string) {
  const drawn = Promise.withResolvers<void>()
  const end = Promise.withResolvers<'COMMIT' | 'ROLLBACK'>()
  const change = JSON.stringify({ events: [{ type: 'progress', message: 'late' }] })
  const done = store.database.connection().execute(async connection => {
    await sql`BEGIN`.execute(connection)
    await sql`SELECT record_transition(${run}, NULL, NULL, ${change}::jsonb)`.execute(connection)
    drawn.resolve()
    await sql.raw(await end.promise).execute(connection)
  })
  await Promise.race([drawn.promise, done])
  const endAs = async (how: 'COMMIT' | 'ROLLBACK') => {
    end.resolve(how)
    await done
  }
  return { end: endAs, [Symbol.asyncDispose]: () => endAs('ROLLBACK') }
}

const name = ({ run, seq }: PlacedEvent) => `${run} ${seq}`
const placeOf = ({ position }: PlacedEvent) => Number(position.split('-')[1])

describe.each(['embedded', 'server'])('the events of all runs (%s)', kind => {
  let database: TestDatabase
  const stores: Store[] = []
  beforeAll(async () => {
    database = kind === 'embedded' ? await createEmbedded() : await server.create()
    // On a server two processes write; the embedded database has one, with several connections.
    stores.push(await database.open(), ...(kind === 'server' ? [await database.open()] : []))
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await database.remove()
  })
  const storeOf = (index: number): Store => {
    const store = stores[index % stores.length]
    if (!store) throw new Error('no store')
    return store
  }

  it('reach every reader once, in one order, whatever is written and taken back at the same time', async () => {
    const clusters = Array.from({ length: 6 }, (_, index) => `c${index}`)
    const runs: string[] = []
    for (const cluster of clusters) runs.push(await newRun(storeOf(0), cluster))
    const stop = new AbortController()
    const counts = { all: Number.POSITIVE_INFINITY, one: Number.POSITIVE_INFINITY }
    const follow = async (store: Store, filter: EventFilter, wanted: keyof typeof counts, leaveEvery: number) => {
      const seen: PlacedEvent[] = []
      let from = start
      // Whoever leaves comes back with what he has seen.
      while (!stop.signal.aborted && seen.length < counts[wanted])
        for await (const event of store.events.follow(filter, await store.events.placeOf(filter, from), stop.signal)) {
          seen.push(event)
          from = { after: event.position }
          if (seen.length % leaveEvery === 0 || seen.length >= counts[wanted]) break
        }
      return seen
    }
    const first = { subject: clusterSubject('c0') }
    const readers = [
      follow(storeOf(0), {}, 'all', 1e9),
      follow(storeOf(1), {}, 'all', 7),
      follow(storeOf(1), first, 'one', 5),
    ]
    const paged = (async () => {
      const seen: PlacedEvent[] = []
      let from = start
      while (!stop.signal.aborted && seen.length < counts.all) {
        const page = await storeOf(1).events.read({}, await storeOf(1).events.placeOf({}, from), 50)
        seen.push(...page)
        from = { after: page.at(-1)?.position ?? from.after }
      }
      return seen
    })()
    const writers = runs.map(async (run, writer) => {
      const store = storeOf(writer)
      for (let round = 0; round < 40; round++) {
        // Drawn early, committed late or never: what one number column would let readers pass by.
        if (writer % 2 === 0) {
          const late = store.transaction(async tx => {
            await sql`SELECT record_transition(${run}, NULL, NULL,
              ${JSON.stringify({ events: [{ type: 'progress', message: `late ${round}` }] })}::jsonb)`.execute(tx)
            await sql`SELECT pg_sleep(${round % 3 === 0 ? 0.02 : 0})`.execute(tx)
            if (round % 5 === 4) throw new Error('taken back')
          })
          await late.catch((error: unknown) => {
            if (!(error instanceof Error && error.message === 'taken back')) throw error
          })
        } else
          await write(
            store,
            run,
            Array.from({ length: 1 + (round % 3) }, (_, part) => `${round}.${part}`),
          )
      }
    })
    await Promise.all(writers)
    const writtenNow = () =>
      storeOf(0)
        .database.selectFrom('events')
        .innerJoin('runs', 'runs.id', 'events.run')
        .select(['run', 'events.seq', 'subject_name'])
        .orderBy('place')
        .execute()
    const before = await writtenNow()
    counts.all = before.length + 1
    counts.one = before.filter(({ subject_name }) => subject_name === 'c0').length + 1
    // A last one: whoever has read all others already waits for it.
    await write(storeOf(0), runs[0] ?? '', ['last'])
    const written = await writtenNow()
    const expected = written.map(({ run, seq }) => `${run} ${seq}`)
    // Who misses one waits for it in vain.
    const giveUp = setTimeout(() => stop.abort(), 20_000)
    const [whole, leaving, ofOne] = await Promise.all(readers)
    const pages = await paged
    clearTimeout(giveUp)
    stop.abort()
    expect(whole?.map(name)).toEqual(expected)
    expect(leaving?.map(name)).toEqual(expected)
    expect(ofOne?.map(name)).toEqual(expected.filter((_, index) => written[index]?.subject_name === 'c0'))
    expect(pages.map(name)).toEqual(expected)
    for (const run of runs) {
      const own = (whole ?? []).filter(event => event.run === run).map(({ seq }) => seq)
      expect(own).toEqual(own.map((_, index) => index + 1))
    }
  })

  it('are not told further than somebody has drawn a place that he may still fill, who keeps no writer waiting', async () => {
    const [store, other] = [storeOf(0), storeOf(1)]
    const [slow, quick] = [await newRun(store, 'slow'), await newRun(store, 'quick')]
    const before = (await readAll(other)).length
    await using late = await holding(store, slow)
    // It does not wait.
    await write(store, quick, ['quick'])
    expect(await readAll(other)).toHaveLength(before)
    await late.end('COMMIT')
    const told = (await readAll(other)).slice(before).map(({ message }) => message)
    expect(told).toEqual(['late', 'quick'])
  })

  it('go on where somebody took back what he had drawn, without anybody saying so', async () => {
    const store = storeOf(0)
    const [slow, quick] = [await newRun(store, 'slow2'), await newRun(store, 'quick2')]
    const stop = new AbortController()
    const seen: string[] = []
    const from = await store.events.placeOf({}, { newest: 0 })
    const reading = (async () => {
      for await (const { message } of store.events.follow({}, from, stop.signal)) seen.push(message)
    })()
    await using drawn = await holding(store, slow)
    await write(store, quick, ['quick'])
    // He has looked in vain since.
    await after(300)
    expect(seen).toEqual([])
    const at = performance.now()
    await drawn.end('ROLLBACK')
    await until('the event behind the one that was taken back is told', () => seen.length > 0)
    expect(seen).toEqual(['quick'])
    expect(performance.now() - at).toBeLessThan(2_500)
    stop.abort()
    await reading
  })

  it('can be asked for by type, by cluster, and from the newest on', async () => {
    const store = storeOf(0)
    const run = await newRun(store, 'asked')
    await write(store, run, ['one', 'two', 'three'])
    const subject = clusterSubject('asked')
    expect((await readAll(store, { subject })).map(({ type }) => type)).toEqual([
      'run-queued',
      'progress',
      'progress',
      'progress',
    ])
    expect((await readAll(store, { subject, types: ['run-queued'] })).map(({ seq }) => seq)).toEqual([1])
    const queued = await readAll(store, { types: ['run-queued'] })
    expect(queued.length).toBeGreaterThan(1)
    expect(new Set(queued.map(({ type }) => type))).toEqual(new Set(['run-queued']))
    const newest = await store.events.placeOf({ subject }, { newest: 2 })
    expect((await store.events.read({ subject }, newest, 100)).map(({ message }) => message)).toEqual(['two', 'three'])
    const more = await store.events.placeOf({ subject }, { newest: 100 })
    expect(await store.events.read({ subject }, more, 100)).toHaveLength(4)
    const [event] = await store.events.read({ subject }, more, 1)
    expect(event).toMatchObject({ run, seq: 1, subject, position: expect.stringMatching(/^\d+-\d+$/) })
  })

  it('flow through by tens of thousands, to one who reads slowly and one who reads fast', async () => {
    const store = storeOf(0)
    const run = await newRun(store, 'many')
    const from = await store.events.placeOf({}, { newest: 0 })
    const count = 12_000
    const stop = new AbortController()
    const read = async (rest: number) => {
      const seen: PlacedEvent[] = []
      for await (const event of store.events.follow({}, from, stop.signal)) {
        seen.push(event)
        if (rest > 0 && seen.length % rest === 0) await new Promise(resolve => setImmediate(resolve))
        if (seen.length === count) break
      }
      return seen
    }
    const readers = [read(0), read(10)]
    for (let done = 0; done < count; done += 100)
      await write(
        store,
        run,
        Array.from({ length: 100 }, (_, index) => String(done + index)),
      )
    const giveUp = setTimeout(() => stop.abort(), 60_000)
    for (const seen of await Promise.all(readers)) {
      expect(seen.map(({ message }) => message)).toEqual(Array.from({ length: count }, (_, index) => String(index)))
      const places = seen.map(placeOf)
      expect(places).toEqual(places.toSorted((left, right) => left - right))
    }
    clearTimeout(giveUp)
  })

  it('end for a reader as soon as he leaves, also while he waits', async () => {
    const store = storeOf(0)
    const stop = new AbortController()
    const from = await store.events.placeOf({}, { newest: 1 })
    let count = 0
    for await (const _ of store.events.follow({}, from, stop.signal)) {
      count++
      setImmediate(() => stop.abort())
    }
    expect(count).toBe(1)
  })
})
