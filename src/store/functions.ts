import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { sql } from 'kysely'
import type { Database } from './tables.ts'

/** A function of the database, by the name of its file in `functions/`; the file creates this one and no other. */
export interface SqlFunction {
  readonly name: string
  readonly text: string
  /** sha256 of the text, hex. */
  readonly checksum: string
}

/** The functions of this version, by their names. */
export function functions(): readonly SqlFunction[] {
  const folder = new URL('functions/', import.meta.url)
  return readdirSync(folder)
    .filter(file => file.endsWith('.sql'))
    .toSorted()
    .map(file => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      return { name: file.slice(0, -'.sql'.length), text, checksum: createHash('sha256').update(text).digest('hex') }
    })
}

/**
 * Makes those anew whose text is another than the one on record, and drops those that this version does not have. Needs
 * the newest schema, and a transaction that nobody else migrates in.
 * @returns the names of what was made or dropped.
 */
export async function applyFunctions(transaction: Database, wanted = functions()): Promise<string[]> {
  const recorded = await transaction.selectFrom('schema_functions').select(['name', 'checksum']).execute()
  const checksums = new Map(recorded.map(({ name, checksum }) => [name, checksum]))
  const changed = wanted.filter(({ name, checksum }) => checksums.get(name) !== checksum)
  const gone = recorded.filter(({ name }) => !wanted.some(one => one.name === name))
  if (changed.length + gone.length === 0) return []
  // One may call another that comes behind it.
  await sql`SET LOCAL check_function_bodies = off`.execute(transaction)
  // Not replaced: the arguments may have changed, and then both would stay.
  for (const { name } of [...gone, ...changed]) await drop(transaction, name)
  for (const { text } of changed) await sql.raw(text).execute(transaction)
  const now = sql<string>`now()`
  if (changed.length > 0)
    await transaction
      .insertInto('schema_functions')
      .values(changed.map(({ name, checksum }) => ({ name, checksum, applied: now })))
      .onConflict(conflict =>
        conflict.column('name').doUpdateSet(({ ref }) => ({ checksum: ref('excluded.checksum'), applied: now })),
      )
      .execute()
  if (gone.length > 0)
    await transaction
      .deleteFrom('schema_functions')
      .where(
        'name',
        'in',
        gone.map(({ name }) => name),
      )
      .execute()
  return [...gone, ...changed].map(({ name }) => name)
}

async function drop(transaction: Database, name: string): Promise<void> {
  const { rows } = await sql<{ signature: string }>`SELECT oid::regprocedure::text AS signature FROM pg_proc
    WHERE proname = ${name} AND pronamespace = current_schema()::regnamespace`.execute(transaction)
  for (const { signature } of rows) await sql.raw(`DROP FUNCTION ${signature}`).execute(transaction)
}
