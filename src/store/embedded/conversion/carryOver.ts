import type pg from 'pg'
import { z } from 'zod'
import { SlipwayError } from '../../../domain/errors.ts'
import { withCopyConnection } from '../../backup/connection.ts'
import { putRowsBack } from '../../backup/putRowsBack.ts'
import { listTables } from '../../backup/tables.ts'
import { writeBackup } from '../../backup/writeBackup.ts'
import { kyselyOver } from '../../driver.ts'
import { migrations } from '../../migrations.ts'
import { connectPostgres, type PostgresServer } from '../../postgres.ts'
import type { Tables } from '../../tables.ts'
import { damaged } from '../refusals.ts'
import { withProgress } from './withProgress.ts'

const schemaShape = z.tuple([z.object({ schema: z.number().nullable() })])

/**
 * Whether there is anything to bring over: a first start may have been killed before it had made any table, or written
 * any row.
 * @throws SlipwayError `database-newer`, `database-damaged`.
 */
export function holdsRows(server: PostgresServer, path: string): Promise<boolean> {
  return withCopyConnection(server, async client => {
    if (!(await answersYes(client, `to_regclass('schema_migrations') IS NOT NULL`))) return false
    const [{ schema }] = schemaShape.parse(
      (await client.query('SELECT max(number) AS schema FROM schema_migrations')).rows,
    )
    if (schema === null) return false
    if (schema > migrations.length)
      throw new SlipwayError(
        'database-newer',
        `the database is at migration ${schema}, this version knows ${migrations.length}`,
      )
    if (await answersYes(client, 'EXISTS (SELECT FROM installation)')) return true
    for (const { table } of await listTables(client))
      if (await answersYes(client, `EXISTS (SELECT FROM ${client.escapeIdentifier(table)})`))
        throw damaged(path, 'it does not say of which installation it is')
    return false
  })
}

/**
 * Copies all rows, in the schema that they have, and brings them up to date then. It is the same database in the same
 * data folder, and no copy of it goes on working: so its identity, its epoch and its leases stay as they are, and runs
 * that were under way go on as after any other end of Slipway. The earlier database, should somebody put it back,
 * raises the epoch at its start as soon as the new one was open: it does not know the token of that opening.
 */
export async function carryOver(
  from: PostgresServer,
  to: PostgresServer,
  report: (message: string) => void,
): Promise<void> {
  const counters = await withCopyConnection(from, readCounters)
  const connector = await connectPostgres({
    server: to,
    connections: 2,
    onNotification: () => {},
    onListening: () => {},
  })
  try {
    const target = { server: to, database: kyselyOver<Tables>(connector) }
    await putRowsBack(target, withProgress(writeBackup(from, 'conversion'), report), {
      approve: () => {},
      finish: client => setCounters(client, counters),
    })
  } finally {
    await connector.close()
  }
}

async function answersYes(client: pg.ClientBase, condition: string): Promise<boolean> {
  const { rows } = await client.query<{ yes: boolean }>(`SELECT ${condition} AS yes`)
  return rows[0]?.yes === true
}

/** What a backup leaves out, since it is of no use elsewhere: numbers that were given away and not kept, and when. */
const countersShape = z.object({
  sequences: z.array(z.object({ name: z.string(), last: z.string() })),
  steps: z.array(z.object({ number: z.number(), applied: z.string() })),
})
type Counters = z.infer<typeof countersShape>

async function readCounters(client: pg.ClientBase): Promise<Counters> {
  const sequences = await client.query(
    `SELECT sequencename AS name, last_value::text AS last FROM pg_sequences
      WHERE schemaname = current_schema() AND last_value IS NOT NULL`,
  )
  const steps = await client.query('SELECT number, applied::text AS applied FROM schema_migrations')
  return countersShape.parse({ sequences: sequences.rows, steps: steps.rows })
}

async function setCounters(client: pg.ClientBase, { sequences, steps }: Counters): Promise<void> {
  for (const { name, last } of sequences)
    await client.query('SELECT setval($1::regclass, $2::bigint)', [client.escapeIdentifier(name), last])
  for (const { number, applied } of steps)
    await client.query('UPDATE schema_migrations SET applied = $2::timestamptz WHERE number = $1', [number, applied])
}
