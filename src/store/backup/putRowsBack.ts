import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { SlipwayError } from '../../domain/errors.ts'
import { migrateDown, migrateUp, migrations } from '../migrations.ts'
import type { PostgresServer } from '../postgres.ts'
import type { Database } from '../tables.ts'
import { withCopyConnection } from './connection.ts'
import { backupUnusable, type Header, type Table } from './format.ts'
import { readBackup } from './readBackup.ts'
import { copied, listTables } from './tables.ts'

/** An empty database, and how it is reached. */
export interface Target {
  readonly server: PostgresServer
  readonly database: Database
}

export interface Steps<Result> {
  /** Sees the header before anything is changed, and may throw. */
  approve(header: Header): void
  /** In the transaction of the rows, when they are all there, in the schema that they were written in. */
  finish(client: pg.Client): Promise<Result>
}

/**
 * Puts the rows of a backup into an empty database, all of them or nothing, and brings it up to date.
 * @throws SlipwayError `database-not-empty`, `backup-unusable`, `backup-newer`, `database-unavailable`.
 */
export async function putRowsBack<Result>(
  { server, database }: Target,
  compressed: AsyncIterable<Uint8Array>,
  { approve, finish }: Steps<Result>,
): Promise<{ readonly header: Header; readonly rows: number; readonly finished: Result }> {
  const restored = await withCopyConnection(server, async client => {
    await requireEmpty(client)
    const pieces = readBackup(compressed)
    const first = await pieces.next()
    if (first.done || first.value.kind !== 'header') throw backupUnusable('it has no header')
    const { header } = first.value
    if (header.schema > migrations.length)
      throw new SlipwayError(
        'backup-newer',
        `it was written by Slipway ${header.version} (schema ${header.schema}, this version knows ${migrations.length})`,
      )
    approve(header)
    await migrateUp(database, header.schema)
    await migrateDown(database, header.schema)
    await client.query('BEGIN')
    // Of a start on the empty database.
    await client.query('DELETE FROM installation')
    const tables = await listTables(client)
    for await (const piece of pieces) {
      if (piece.kind === 'table') await copyRows(client, known(tables, piece.table), piece.rows)
      if (piece.kind !== 'end') continue
      await continueNumbers(client)
      const finished = await finish(client)
      await client.query('COMMIT')
      return { header, rows: piece.rows, finished }
    }
    throw backupUnusable('it is cut off')
  })
  await migrateUp(database)
  return restored
}

/** The names come from a file. */
function known(tables: readonly Table[], wanted: Table): Table {
  const table = tables.find(each => each.table === wanted.table)
  if (table && wanted.columns.every(column => table.columns.includes(column))) return wanted
  throw backupUnusable(`it has a table or columns that its version of the schema has not (${wanted.table})`)
}

async function copyRows(client: pg.Client, table: Table, rows: AsyncIterable<Buffer>): Promise<void> {
  const copy = client.query(copyFrom(`COPY ${copied(client, table)} FROM STDIN`))
  try {
    await pipeline(Readable.from(rows), copy)
  } catch (error) {
    if (error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? ''))
      throw backupUnusable(`a row of ${table.table} does not fit: ${error.message}`, error)
    throw error
  }
}

/** @throws SlipwayError `database-not-empty`: what is there is never written over. */
async function requireEmpty(client: pg.Client): Promise<void> {
  for (const { table } of await listTables(client)) {
    // Every start makes a row of its own there.
    if (table === 'installation') continue
    const { rows } = await client.query(`SELECT FROM ${client.escapeIdentifier(table)} LIMIT 1`)
    if (rows.length > 0)
      throw new SlipwayError(
        'database-not-empty',
        'the database is not empty, and a backup is restored into an empty one only',
        {
          facts: { table },
        },
      )
  }
}

/** Rows that come later are numbered behind those that were restored. */
async function continueNumbers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attidentity <> ''`,
  )
  for (const { table, column } of rows) {
    const [from, numbered] = [client.escapeIdentifier(table), client.escapeIdentifier(column)]
    await client.query(
      `SELECT setval(pg_get_serial_sequence($1, $2), max(${numbered})) FROM ${from} HAVING max(${numbered}) IS NOT NULL`,
      [from, column],
    )
  }
}
