import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { type PostgresSession, titleOf } from '../session.ts'
import type { Migration } from './files.ts'
import type { RecordedMigration } from './standing.ts'

/**
 * The table in which a database remembers its migrations: _slipway.migrations. A schema that is called like a role is the
 * one where that role makes its tables; nobody is called like this one.
 */

const rowShape = z.object({
  number: z.string(),
  name: z.string(),
  checksum: z.string(),
  applied_at: z.string().nullable(),
  duration_ms: z.number().nullable(),
  applied_by: z.string(),
})

const isThere = async (session: PostgresSession): Promise<boolean> => {
  const rows = await session.rows(`SELECT FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '_slipway' AND c.relname = 'migrations'`)
  return rows.length > 0
}

/** What is on record; nothing where there is no table yet. Makes none. */
export async function readRecord(session: PostgresSession): Promise<RecordedMigration[]> {
  if (!(await isThere(session))) return []
  const rows = await session.rows(`SELECT number::text, name, checksum, duration_ms::float8, applied_by,
    pg_catalog.to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS applied_at
    FROM _slipway.migrations ORDER BY _slipway.migrations.number`)
  const read = z.array(rowShape).safeParse(rows)
  if (read.success) return read.data
  throw new SlipwayError(
    'postgres-refused',
    `${titleOf(session.target)}: the table _slipway.migrations is not one that Slipway has made`,
    {
      remedy: 'Look at it, and call it otherwise: ALTER TABLE _slipway.migrations RENAME TO …; then `slipway resume`.',
    },
  )
}

/** Under the lock of migrations. */
export async function makeRecord(session: PostgresSession): Promise<void> {
  if (await isThere(session)) return
  // Also the one who may make nothing in the database may have been given the schema.
  const schema = await session.rows(`SELECT FROM pg_catalog.pg_namespace WHERE nspname = '_slipway'`)
  if (schema.length === 0) await session.rows('CREATE SCHEMA _slipway')
  await session.rows(`CREATE TABLE _slipway.migrations (
    number bigint PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    applied_at timestamptz,
    duration_ms bigint,
    applied_by text NOT NULL)`)
}

/** As begun, or begun anew. */
export async function recordBegun(session: PostgresSession, migration: Migration, by: string): Promise<void> {
  const { number, name, checksum } = migration
  await session.rows(
    `INSERT INTO _slipway.migrations (number, name, checksum, applied_by) VALUES ($1, $2, $3, $4)
     ON CONFLICT (number) DO UPDATE SET name = $2, checksum = $3, applied_by = $4, begun_at = pg_catalog.clock_timestamp()
     WHERE migrations.applied_at IS NULL`,
    [number, name, checksum, by],
  )
}

/** As applied; what is recorded with a transaction was so by itself. @param duration ms */
export async function recordApplied(
  session: PostgresSession,
  migration: Migration,
  by: string,
  duration: number,
): Promise<void> {
  const { number, name, checksum } = migration
  await session.rows(
    `INSERT INTO _slipway.migrations (number, name, checksum, applied_by, applied_at, duration_ms)
     VALUES ($1, $2, $3, $4, pg_catalog.clock_timestamp(), $5)
     ON CONFLICT (number) DO UPDATE SET name = $2, checksum = $3, applied_by = $4,
       applied_at = pg_catalog.clock_timestamp(), duration_ms = $5
     WHERE migrations.applied_at IS NULL`,
    [number, name, checksum, by, Math.round(duration)],
  )
}

/** One that has done nothing. */
export async function forgetBegun(session: PostgresSession, { number }: Migration): Promise<void> {
  await session.rows('DELETE FROM _slipway.migrations WHERE number = $1 AND applied_at IS NULL', [number])
}

/** Indexes that were begun without a transaction, and that no query uses; by their names. */
export async function invalidIndexes(session: PostgresSession): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    `SELECT indexrelid::regclass::text AS name FROM pg_catalog.pg_index WHERE NOT indisvalid ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}
