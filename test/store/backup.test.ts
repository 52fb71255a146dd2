import { createHash, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { restoreBackup } from '../../src/store/backup/restoreBackup.ts'
import { migrations } from '../../src/store/migrations.ts'
import { openDatabase, type Store, type StoreLocation } from '../../src/store/openStore.ts'
import { startRun } from '../../src/store/startRun.ts'
import { createEmbedded, serverKind, type TestDatabase } from './databases.ts'
import { aCluster, clusterFileOf, node } from './fixtures.ts'
import { rowsOf } from './storedText.ts'
import { onePlan } from './onePlan.ts'
import { applyDesiredState } from './applyDesiredState.ts'

const kind = serverKind()
let database: TestDatabase
let store: Store
let others: TestDatabase[]
beforeEach(async () => {
  database = await createEmbedded()
  store = await database.open()
  others = []
})
afterEach(async () => {
  await store.close()
  await Promise.all([database, ...others].map(each => each.remove()))
})

const fresh = async (make: () => Promise<TestDatabase> = createEmbedded): Promise<TestDatabase> => {
  const other = await make()
  others.push(other)
  return other
}
const backup = (from = store): Promise<Buffer> => buffer(from.backup('1.2.3'))

async function restore(location: StoreLocation, content: Uint8Array) {
  const raw = await openDatabase(location)
  try {
    return await restoreBackup(raw, pieces(content))
  } finally {
    await raw.close()
  }
}

/** As a file is read. */
async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += 1000) yield content.subarray(at, at + 1000)
}

/** A cluster with text of all kinds, and a run that is under way. */
async function fill(): Promise<string | null> {
  await aCluster(store, 'demo', 1, 3)
  await sql`UPDATE nodes SET last_error = ${'tab\t backslash \\. line\nend \\n ünï – 🚢 "\\N"'} WHERE hostname = 'w1'`.execute(
    store.database,
  )
  return startRun(store.database, {
    desired: clusterFileOf('second', [node('m1', '10.2.0.1', 'initial_master')]),
    written: null,
    storedVersion: 0,
    plan: onePlan('second'),
    approval: { by: 'test', accepted: [] },
    keep: async () => {},
  })
}

const changedByRestore = new Set([
  'installation',
  'runs',
  'events',
  'stage_runs',
  'schema_migrations',
  'schema_functions',
  'leases',
])
const kept = async (from: Store): Promise<Map<string, string[]>> =>
  new Map([...(await rowsOf(from.database))].filter(([table]) => !changedByRestore.has(table)))

describe('a backup', () => {
  it('brings every row to another folder, to a server, and back', async () => {
    await fill()
    const rows = await kept(store)
    let content = await backup()
    for (const make of [createEmbedded, () => kind.create(), createEmbedded]) {
      const target = await fresh(make)
      expect(await restore(target.location, content)).toMatchObject({ header: { version: '1.2.3' } })
      const restored = await target.open()
      expect(await kept(restored)).toEqual(rows)
      expect(restored.installation.id).toBe(store.installation.id)
      content = await backup(restored)
      await restored.close()
    }
  })

  it('gives fences that are higher than those of the installation and of every earlier copy', async () => {
    await fill()
    const content = await backup()
    const epochs: number[] = [store.installation.epoch]
    for (let copies = 0; copies < 2; copies++) {
      const target = await fresh()
      await restore(target.location, content)
      const restored = await target.open()
      epochs.push(restored.installation.epoch)
      await restored.close()
    }
    expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b))
  })

  it('leaves runs that were under way cancelled, and what comes later is numbered behind what was there', async () => {
    const run = await fill()
    const target = await fresh()
    expect(await restore(target.location, await backup())).toMatchObject({ cancelled: [run] })
    const restored = await target.open()
    const stored = await restored.database.selectFrom('runs').select(['status', 'seq']).executeTakeFirstOrThrow()
    const events = await restored.database.selectFrom('events').select(['type', 'seq']).orderBy('seq').execute()
    expect(stored).toEqual({ status: 'cancelled', seq: events.length })
    expect(events.at(-1)).toMatchObject({ type: 'run-cancelled', seq: events.length })
    await applyDesiredState(restored.database, clusterFileOf('third', [node('m1', '10.3.0.1', 'initial_master')]))
    await restored.close()
  })

  it('has the state of one moment, while a run writes', async () => {
    const run = await fill()
    const write = (): Promise<unknown> =>
      sql`WITH own AS (UPDATE runs SET seq = seq + 20 WHERE id = ${run} RETURNING seq)
        INSERT INTO events (run, seq, type, message) SELECT ${run}, seq - n, 'progress', repeat('x', 200)
        FROM own, generate_series(0, 19) n`.execute(store.database)
    const stop = new AbortController()
    let writes = 0
    const writer = (async () => {
      for (; !stop.signal.aborted; writes++) await write()
    })()
    await expect.poll(() => writes, { timeout: 30_000 }).toBeGreaterThan(100)
    const before = writes
    const contents = [await backup(), await backup(), await backup()]
    expect(writes).toBeGreaterThan(before)
    stop.abort()
    await writer
    for (const content of contents) {
      const target = await fresh()
      await restore(target.location, content)
      const restored = await target.open()
      const { rows } = await sql<{ seq: number; count: number; last: number }>`SELECT seq,
        (SELECT count(*) FROM events) AS count, (SELECT max(seq) FROM events) AS last FROM runs`.execute(
        restored.database,
      )
      expect(rows).toEqual([{ seq: rows[0]?.seq, count: rows[0]?.seq, last: rows[0]?.seq }])
      expect(rows[0]?.seq).toBeGreaterThan(2000)
      await restored.close()
    }
  })

  it('that is not read to its end leaves no connection behind', async () => {
    await fill()
    const copying = async (): Promise<number> =>
      (await sql`SELECT FROM pg_stat_activity WHERE application_name = 'slipway backup'`.execute(store.database)).rows
        .length
    const stream = store.backup('1.2.3')
    for await (const _ of stream) break
    await expect.poll(copying, { timeout: 10_000 }).toBe(0)
  })
})

describe('what is no whole backup is refused, and the database stays empty:', () => {
  let content: Buffer
  let target: TestDatabase
  beforeEach(async () => {
    await fill()
    content = await backup()
    target = await fresh()
  })
  const refused = async (of: Uint8Array, code = 'backup-unusable'): Promise<void> => {
    await expect(restore(target.location, of)).rejects.toMatchObject({ code })
    const opened = await target.open()
    expect((await rowsOf(opened.database)).get('clusters')).toEqual([])
    await opened.close()
  }
  const lines = (): string[] => gunzipSync(content).toString().split('\n')
  const written = (changed: readonly string[]): Buffer => gzipSync(changed.join('\n'))
  const header = (change: object): Buffer =>
    written([JSON.stringify({ ...JSON.parse(lines()[0] ?? ''), ...change }), ...lines().slice(1)])

  it.each([0, 1, 10, 200, 0.5, 0.9])('cut off at %s', async at => {
    await refused(content.subarray(0, at < 1 ? Math.floor(content.length * at) : at))
  })
  it('cut off by its last byte, by its end mark, by a table', async () => {
    await refused(content.subarray(0, -1))
    await refused(written([...lines().slice(0, -2), '']))
    await refused(written(lines().slice(0, lines().indexOf('\\.') + 2)))
  })
  it('one bit is another one', async () => {
    for (const at of [0.3, 0.6]) {
      const changed = Buffer.from(content)
      const place = Math.floor(content.length * at)
      changed[place] = (changed[place] ?? 0) ^ 4
      await refused(changed)
    }
  })
  it('a row was changed, taken out, added', async () => {
    const all = lines()
    const row = all.findIndex(line => line.includes('\tw2\t'))
    await refused(written(all.with(row, (all[row] ?? '').replace('w2', 'w9'))))
    await refused(written(all.toSpliced(row, 1)))
    await refused(written(all.toSpliced(row, 0, all[row] ?? '')))
  })
  it('without the row that says of which installation it is', async () => {
    const all = lines()
    const head = all.findIndex(line => line.startsWith('{"table":"installation"'))
    const none = createHash('sha256')
    const own = all.toSpliced(head + 1, 1)
    const empty = JSON.stringify({ rows: 0, sha256: none.copy().digest('hex') })
    const changed = own.with(head + 2, empty)
    const end = JSON.parse(changed.at(-2) ?? '')
    const sums = createHash('sha256').update(`${changed[0]}\n`)
    for (const [index, line] of changed.entries())
      if (line === '\\.') sums.update(JSON.parse(changed[index + 1] ?? '').sha256)
    await refused(
      written(changed.toSpliced(-2, 1, JSON.stringify({ ...end, rows: end.rows - 1, sha256: sums.digest('hex') }))),
    )
  })
  it('a line without an end, at once', async () => {
    const began = performance.now()
    await refused(gzipSync(Buffer.alloc(60_000_000)))
    expect(performance.now() - began).toBeLessThan(20_000)
  })
  it('anything else', async () => {
    await refused(Buffer.from('-- PostgreSQL database dump'))
    await refused(gzipSync('-- PostgreSQL database dump\n'))
    await refused(gzipSync(''))
    await refused(Buffer.concat([content, content]))
  })
  it('names of tables and columns that the schema has not', async () => {
    const all = lines()
    await refused(written(all.with(1, JSON.stringify({ table: 'pg_authid', columns: ['rolname'] }))))
    await refused(written(all.with(1, JSON.stringify({ table: 'clusters" FROM STDIN; --', columns: ['id'] }))))
    await refused(written(all.with(1, JSON.stringify({ table: 'clusters', columns: ['id', 'x"'] }))))
  })
  it('a newer schema, a newer form', async () => {
    await refused(header({ schema: migrations.length + 1 }), 'backup-newer')
    await refused(header({ 'slipway-backup': 2 }), 'backup-newer')
  })
})

it('a backup of an earlier schema is restored, and brought up to date', async () => {
  const earlier = await fresh()
  const raw = await openDatabase(earlier.location)
  const { migrateUp } = await import('../../src/store/migrations.ts')
  await migrateUp(raw.database, 3)
  await sql`INSERT INTO installation (id, epoch, identity) VALUES (${randomUUID()}, 1, 'x')`.execute(raw.database)
  const { writeBackup } = await import('../../src/store/backup/writeBackup.ts')
  const content = await buffer(writeBackup(raw.server, '0.0.1'))
  await raw.close()
  await restore((await fresh()).location, content)
  const [, target] = others
  const restored = await target?.open()
  expect((await rowsOf(restored?.database ?? store.database)).get('schema_migrations')).toHaveLength(migrations.length)
  await restored?.close()
})

it('nothing is restored over a database that is not empty', async () => {
  await fill()
  const rows = await rowsOf(store.database)
  const other = await fresh()
  const second = await other.open()
  await aCluster(second, 'other', 9)
  const content = await backup(second)
  await second.close()
  await store.close()
  await expect(restore(database.location, content)).rejects.toMatchObject({ code: 'database-not-empty' })
  store = await database.open()
  const changed = new Set(['installation'])
  expect(new Map([...(await rowsOf(store.database))].filter(([table]) => !changed.has(table)))).toEqual(
    new Map([...rows].filter(([table]) => !changed.has(table))),
  )
})
