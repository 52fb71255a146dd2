import { randomUUID } from 'node:crypto'
import { setTimeout as after } from 'node:timers/promises'
import { sql } from 'kysely'
import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import { channel } from './notices.ts'
import type { Database } from './tables.ts'

/** The oldest version whose SQL is enough, as `server_version_num` has it. */
const oldest = 140_000
/** A notification comes within ms; one that is not there by then does not come, ms. */
const notificationLimit = 5_000

const stateShape = z.tuple([
  z.object({
    version: z.string(),
    number: z.coerce.number(),
    read_only: z.boolean(),
    schema: z.string().nullable(),
    may_create: z.boolean().nullable(),
  }),
])

/**
 * Looks whether a server is as it has to be, before anything is made there. (A standby lets nobody listen.)
 * @param notified resolves when the connection that listens was told this text.
 * @throws SlipwayError `database-outdated`, `database-read-only`, `database-rights`, `database-pooled`.
 */
export async function requireServer(database: Database, notified: (text: string) => Promise<void>): Promise<void> {
  const { rows } = await sql`SELECT current_setting('server_version') AS version,
    current_setting('server_version_num') AS number,
    current_setting('transaction_read_only') = 'on' AS read_only, current_schema() AS schema,
    has_schema_privilege(current_schema(), 'CREATE') AS may_create`.execute(database)
  const [{ version, number, read_only, schema, may_create }] = stateShape.parse(rows)
  if (number < oldest)
    throw new SlipwayError(
      'database-outdated',
      `the server is PostgreSQL ${version}, and 14 is the oldest that will do`,
    )
  if (read_only)
    throw new SlipwayError('database-read-only', 'transactions of this account are read-only in this database', {
      remedy:
        'Take the setting away (ALTER ROLE account RESET default_transaction_read_only, or ALTER DATABASE, or in postgresql.conf), or name another account.',
    })
  if (schema === null)
    throw new SlipwayError('database-rights', 'the account has no schema to make tables in (its search_path)', {
      remedy: 'CREATE SCHEMA AUTHORIZATION account, or GRANT USAGE, CREATE ON SCHEMA public TO account.',
    })
  if (!may_create)
    throw new SlipwayError('database-rights', `the account may not make tables in the schema ${schema}`, {
      remedy: `Let the owner of the schema say: GRANT USAGE, CREATE ON SCHEMA "${schema}" TO account.`,
    })
  await requireSession(database, notified)
}

/**
 * A pooler that gives each transaction another session loses who listens, without an error: runs would wait for polls,
 * and what is said to them. So it is tried.
 */
async function requireSession(database: Database, notified: (text: string) => Promise<void>): Promise<void> {
  const text = `probe ${randomUUID()}`
  const told = notified(text).then(() => true)
  await sql`SELECT pg_notify(${channel}, ${text})`.execute(database)
  const limit = new AbortController()
  const late = after(notificationLimit, false, { signal: limit.signal }).catch(() => false)
  const arrived = await Promise.race([told, late])
  limit.abort()
  if (!arrived)
    throw new SlipwayError(
      'database-pooled',
      'who listens there is not told: sessions are not kept, as behind a pooler',
    )
}
