import { SlipwayError } from '../../domain/errors.ts'
import { openPostgres, type PostgresSession, type PostgresTarget, StatementFailed, titleOf } from '../session.ts'
import { migrationFailure } from './failure.ts'
import type { Migration } from './files.ts'
import { holdsMigrationLock, takeMigrationLock } from './lock.ts'
import { forgetBegun, invalidIndexes, makeRecord, readRecord, recordApplied, recordBegun } from './record.ts'
import { type MigrationFinding, type MigrationStanding, standingOf } from './standing.ts'

export interface MigrationOrder {
  /** All files of the folder, as `readMigrations` gives them. */
  readonly migrations: readonly Migration[]
  /** Who applies them, for the record. */
  readonly by: string
  /** Whether somebody has accepted it. */
  isAccepted(finding: MigrationFinding): boolean
  readonly limits?: Partial<MigrationLimits>
}

/** ms; 0: none. A migration may set its own by `SET LOCAL`. */
export interface MigrationLimits {
  /** Of one statement; default none. */
  readonly statement: number
  /** Of waiting for a lock, which lets all wait that come behind; default a minute. */
  readonly lock: number
  /** Of waiting for somebody else who applies migrations; default five minutes. */
  readonly turn: number
}
const usualLimits: MigrationLimits = { statement: 0, lock: 60_000, turn: 300_000 }

export interface AppliedNow {
  readonly number: string
  readonly name: string
  readonly duration_ms: number
}

/** Where the database stands. Changes nothing. @throws SlipwayError as `openPostgres` says. */
export async function migrationStanding(
  target: PostgresTarget,
  migrations: readonly Migration[],
  signal: AbortSignal,
): Promise<MigrationStanding> {
  await using session = await openPostgres(target, signal)
  return await standingIn(session, migrations)
}

async function standingIn(session: PostgresSession, migrations: readonly Migration[]): Promise<MigrationStanding> {
  const recorded = await readRecord(session)
  const isHalf = recorded.some(({ applied_at }) => applied_at === null)
  return standingOf(migrations, recorded, isHalf ? await invalidIndexes(session) : [])
}

/**
 * Applies what is pending, one after the other, under the lock. What was applied before one that fails stays.
 * @throws SlipwayError `migrations-refused` with findings that nobody has accepted, `migrations-locked`,
 * `migration-failed`; as the session does; the signal's reason.
 */
export async function applyMigrations(
  target: PostgresTarget,
  order: MigrationOrder,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<AppliedNow[]> {
  const limits = { ...usualLimits, ...order.limits }
  await using session = await openPostgres(target, signal)
  await takeMigrationLock(session, limits.turn, tell)
  const { pending, findings } = await standingIn(session, order.migrations)
  const refused = findings.filter(finding => !order.isAccepted(finding))
  if (refused.length > 0) throw refusal(session, refused)
  if (pending.length === 0) return []
  await makeRecord(session)
  const applied: AppliedNow[] = []
  for (const [at, migration] of pending.entries()) {
    tell(`${migration.name} (${at + 1} of ${pending.length})`)
    await beAsNew(session, limits)
    const began = performance.now()
    const apply = migration.transaction ? applyInOne : applyAlone
    await apply(session, migration, order.by, () => performance.now() - began)
    applied.push({ ...named(migration), duration_ms: Math.round(performance.now() - began) })
  }
  return applied
}

const named = ({ number, name }: Migration) => ({ number, name })

function refusal(session: PostgresSession, refused: readonly MigrationFinding[]): SlipwayError {
  const about = titleOf(session.target)
  return new SlipwayError('migrations-refused', `${about}: ${refused.map(({ message }) => message).join('; ')}`, {
    findings: refused.map(({ number, ...finding }) => ({
      ...finding,
      severity: 'error',
      about: `migration ${number}`,
    })),
  })
}

/** What one migration has set is nothing that the next one is to find, nor what we write down. */
async function beAsNew(session: PostgresSession, { statement, lock }: MigrationLimits): Promise<void> {
  if (!(await holdsMigrationLock(session)))
    throw new SlipwayError(
      'migration-failed',
      `${titleOf(session.target)}: the migration before has let go of the lock under which migrations are applied`,
      { remedy: 'Take pg_advisory_unlock_all() and DISCARD ALL out of it; then `slipway resume`.' },
    )
  await session.reset()
  await session.rows(
    `SELECT pg_catalog.set_config('statement_timeout', $1, false), pg_catalog.set_config('lock_timeout', $2, false)`,
    [`${statement}ms`, `${lock}ms`],
  )
}

/** One transaction with its record. */
async function applyInOne(
  session: PostgresSession,
  migration: Migration,
  by: string,
  duration: () => number,
): Promise<void> {
  const whole = { start: 0, text: migration.sql }
  const failing = async (sql: string, sent: { readonly start: number; readonly text: string }) => {
    try {
      await session.run(sql)
    } catch (error) {
      if (!(error instanceof StatementFailed)) throw error
      throw migrationFailure(migration, sent, error, 'nothing of this file was applied')
    }
  }
  await session.rows('BEGIN')
  const own = await transactionOf(session)
  await failing(migration.sql, whole)
  if (session.state() !== 'T' || (await transactionOf(session)) !== own) {
    if (session.state() !== 'I') await session.rows('ROLLBACK')
    await recordBegun(session, migration, by)
    throw new SlipwayError(
      'migration-failed',
      `${migration.name}: it has ended the transaction in which it was to be applied: a part of it may be applied`,
      {
        remedy:
          'Take COMMIT and ROLLBACK out of it. Take back what it has done; then accept that it is run again: --accept migration-half-done.',
      },
    )
  }
  await beOurselves(session)
  await recordApplied(session, migration, by, duration())
  // What is checked at the end of a transaction fails here.
  await failing('COMMIT', { start: migration.sql.length, text: '' })
}

/** Whoever it has become: the record is ours to write. */
async function beOurselves(session: PostgresSession): Promise<void> {
  for (const text of ['RESET SESSION AUTHORIZATION', 'RESET ROLE']) await session.rows(text)
}

const transactionOf = async (session: PostgresSession): Promise<string | undefined> =>
  (await session.rows<{ id: string }>('SELECT pg_catalog.txid_current()::text AS id'))[0]?.id

/** Statement by statement. It is on record as begun before anything is done, and as applied when all is. */
async function applyAlone(
  session: PostgresSession,
  migration: Migration,
  by: string,
  duration: () => number,
): Promise<void> {
  await recordBegun(session, migration, by)
  for (const [at, statement] of migration.statements.entries()) {
    try {
      await session.run(statement.text)
    } catch (error) {
      if (!(error instanceof StatementFailed)) throw error
      const nothingDone = at === 0 && /^(42|25001)/.test(error.answer.code ?? '')
      if (nothingDone) await forgetBegun(session, migration)
      throw migrationFailure(migration, statement, error, nothingDone ? nothing : partly(at))
    }
  }
  if (session.state() !== 'I')
    throw new SlipwayError('migration-failed', `${migration.name}: it has begun a transaction and not ended it`, {
      remedy: 'End it with COMMIT, or take BEGIN out. What was in it is not applied; what was before it is.',
    })
  await beOurselves(session)
  await recordApplied(session, migration, by, duration())
}

const nothing = 'nothing of this file was applied'
const partly = (before: number): string =>
  before === 0
    ? 'it runs without a transaction: a part of this statement may be done'
    : `it runs without a transaction: the ${before} before it ${before === 1 ? 'is' : 'are'} applied`
