import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { hasState, postgresError } from '../errors.ts'
import { type PostgresSession, StatementFailed, titleOf } from '../session.ts'

/** `slipway` as ASCII: the two halves of the key, of an advisory lock of the whole database. */
const halves = [0x73_6c_69, 0x70_77_61_79] as const
const key = String((BigInt(halves[0]) << 32n) | BigInt(halves[1]))

/** ms between two looks at who holds it. */
const look = 10_000

const holderShape = z.object({
  pid: z.int(),
  usename: z.string().nullish(),
  application_name: z.string().nullish(),
  client_addr: z.string().nullish(),
  since: z.string().nullish(),
})

/**
 * Takes the lock under which migrations are applied, for the rest of the session. Whoever has it is told of once.
 * @param patience ms to wait for it
 * @throws SlipwayError `migrations-locked` that names who holds it; `postgres-refused` where a pooler stands between;
 * as the session does.
 */
export async function takeMigrationLock(
  session: PostgresSession,
  patience: number,
  tell: (text: string) => void,
): Promise<void> {
  const end = performance.now() + patience
  let told = ''
  await session.rows(`SELECT pg_catalog.set_config('statement_timeout', '0', false)`)
  while (!(await tryOnce(session))) {
    const holder = await holderOf(session)
    const left = end - performance.now()
    if (left <= 0)
      throw new SlipwayError('migrations-locked', `${titleOf(session.target)}: ${holder} applies migrations`, {
        facts: { passing: true },
      })
    if (holder !== told) tell(`waits until ${holder} has applied its migrations`)
    told = holder
    await waitFor(session, Math.min(left, look))
  }
  if (await holdsMigrationLock(session)) return
  throw new SlipwayError('postgres-refused', `${titleOf(session.target)}: its lock is gone as soon as it is taken`, {
    remedy: 'Lead to the server itself, and not to a pooler that changes sessions between transactions (PgBouncer).',
  })
}

async function tryOnce(session: PostgresSession): Promise<boolean> {
  const [row] = await session.rows<{ got: boolean }>('SELECT pg_catalog.pg_try_advisory_lock($1) AS got', [key])
  return row?.got === true
}

/** Until it is free, or the time is over; it is not taken by that: it is freed again. @param time ms */
async function waitFor(session: PostgresSession, time: number): Promise<void> {
  await session.rows(`SELECT pg_catalog.set_config('lock_timeout', $1, false)`, [`${Math.ceil(time)}ms`])
  try {
    await session.run(`SELECT pg_catalog.pg_advisory_lock(${key}), pg_catalog.pg_advisory_unlock(${key})`)
  } catch (error) {
    if (!(error instanceof StatementFailed)) throw error
    if (!hasState(error.answer, '55P03')) throw postgresError(error.answer, titleOf(session.target))
  } finally {
    // Where the connection is lost nothing can be set, and what lost it is what is told.
    await session.rows(`SELECT pg_catalog.set_config('lock_timeout', '0', false)`).catch(() => [])
  }
}

/** Whether this session has it still: a migration may have let go of it. */
export async function holdsMigrationLock(session: PostgresSession): Promise<boolean> {
  const rows = await session.rows(`${held} AND l.pid = pg_catalog.pg_backend_pid() AND l.granted`, [...halves])
  return rows.length > 0
}

const held = `SELECT a.pid, a.usename, a.application_name, pg_catalog.host(a.client_addr) AS client_addr,
    a.backend_start::text AS since
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
  WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.classid = $1 AND l.objid = $2
    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`

async function holderOf(session: PostgresSession): Promise<string> {
  const [row] = await session.rows(`${held} AND l.granted`, [...halves])
  const found = holderShape.safeParse(row)
  if (!found.success) return 'another session'
  const { pid, usename, application_name, client_addr, since } = found.data
  const program = application_name ? ` (${application_name}${client_addr ? ` at ${client_addr}` : ''})` : ''
  return `session ${pid} of ${usename ?? 'somebody'}${program}${since ? `, connected since ${since},` : ''}`
}
