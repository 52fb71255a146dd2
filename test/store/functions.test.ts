import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { applyFunctions, functions, type SqlFunction } from '../../src/store/functions.ts'
import { migrateDown, migrateUp } from '../../src/store/migrations.ts'
import { openDatabase, type RawDatabase } from '../../src/store/openStore.ts'
import { createEmbedded, type TestDatabase } from './databases.ts'

let place: TestDatabase
let raw: RawDatabase
beforeEach(async () => {
  place = await createEmbedded()
  raw = await openDatabase(place.location)
  await migrateUp(raw.database)
})
afterEach(async () => {
  await raw.close()
  await place.remove()
})

const own = async (): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`SELECT oid::regprocedure::text AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace ORDER BY proname, 1`.execute(raw.database)
  return rows.map(({ name }) => name)
}
const recorded = () =>
  raw.database.selectFrom('schema_functions').select(['name', 'checksum']).orderBy('name').execute()
const apply = (wanted: readonly SqlFunction[]) =>
  raw.database.transaction().execute(transaction => applyFunctions(transaction, wanted))
const written = (name: string, text: string): SqlFunction => ({
  name,
  text,
  checksum: createHash('sha256').update(text).digest('hex'),
})
const twice = 'CREATE FUNCTION twice(p_number integer) RETURNS integer LANGUAGE sql AS $$ SELECT p_number * 2 $$;'

it('are those of the files, each by the name of its file, and made once', async () => {
  expect((await own()).map(signature => signature.replace(/\(.*/, ''))).toEqual(functions().map(({ name }) => name))
  expect(await recorded()).toEqual(functions().map(({ name, checksum }) => ({ name, checksum })))
  expect(await apply(functions())).toEqual([])
})

it('are made anew when their text changes, also with other arguments or another result', async () => {
  const changed = 'CREATE FUNCTION twice(p_text text, p_more text) RETURNS text LANGUAGE sql AS $$ SELECT p_text $$;'
  expect(await apply([...functions(), written('twice', twice)])).toEqual(['twice'])
  expect(await apply([...functions(), written('twice', changed)])).toEqual(['twice'])
  expect((await own()).filter(signature => signature.startsWith('twice'))).toEqual(['twice(text,text)'])
  expect(await apply([...functions(), written('twice', changed)])).toEqual([])
})

it('are dropped when this version does not have them', async () => {
  const before = await own()
  await apply([...functions(), written('twice', twice)])
  expect(await apply(functions())).toEqual(['twice'])
  expect(await own()).toEqual(before)
})

it('may call each other in any order', async () => {
  const caller = 'CREATE FUNCTION a_caller() RETURNS integer LANGUAGE sql AS $$ SELECT twice(21) $$;'
  await apply([...functions(), written('a_caller', caller), written('twice', twice)])
  const { rows } = await sql<{ a_caller: number }>`SELECT a_caller()`.execute(raw.database)
  expect(rows).toEqual([{ a_caller: 42 }])
})

it('stay as they were when one of them cannot be made', async () => {
  const before = [await own(), await recorded()]
  const broken = written('append_log', 'CREATE FUNCTION append_log() RETURNS')
  await expect(apply([written('twice', twice), broken])).rejects.toThrow(/syntax error/)
  expect([await own(), await recorded()]).toEqual(before)
})

it('go down with the schema to what an earlier version had, and come back', async () => {
  const ofThen = /^(append_log|claim_run|holds_lease|notify_slipway|record_transition|refuse_fence)\(/
  const before = (await own()).filter(signature => ofThen.test(String(signature)))
  expect(before).toHaveLength(6)
  await apply([...functions(), written('twice', twice)])
  await migrateDown(raw.database, 6)
  expect(await own()).toEqual(before)
  await migrateUp(raw.database)
  expect(await recorded()).toEqual(functions().map(({ name, checksum }) => ({ name, checksum })))
})
