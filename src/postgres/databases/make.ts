import { SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { openPostgres, type PostgresTarget, titleOf } from '../session.ts'
import { databaseChanges, type DatabaseChange, toldDatabaseChange } from './changes.ts'
import { lookAtDatabases } from './look.ts'
import { quoted } from './names.ts'
import { scramVerifier } from './scram.ts'
import type { DatabasesWish } from './wish.ts'

/**
 * Makes what is missing, one step after the other, each of which is done as a whole or not at all; what somebody else
 * has made meanwhile is as good. Looks at the end whether it is there.
 * @param target as `lookAtDatabases` takes it
 * @returns what was done. @throws SlipwayError as `openPostgres` says; `postgres-refused`.
 */
export async function makeDatabases(
  target: PostgresTarget,
  wish: DatabasesWish,
  replacesPassword: (role: string) => boolean,
  signal: AbortSignal,
  tell: (text: string) => void,
): Promise<DatabaseChange[]> {
  const missing = async (of: DatabasesWish) =>
    databaseChanges(of, await lookAtDatabases(target, of, signal), replacesPassword)
  const changes = await missing(wish)
  for (const change of changes) {
    const { target: about, detail } = toldDatabaseChange(change)
    tell(`${about} ${detail}`)
    await make(target, change, signal)
  }
  if (changes.length === 0) return []
  // A password that was new has been set.
  const [left] = await missing({ ...wish, roles: wish.roles.map(role => ({ ...role, isNew: false })) })
  if (!left) return changes
  const { target: about, detail } = toldDatabaseChange(left)
  throw new SlipwayError(
    'postgres-refused',
    `${titleOf(target)}: ${about} still ${detail}: somebody else changes it back`,
  )
}

async function make(target: PostgresTarget, change: DatabaseChange, signal: AbortSignal): Promise<void> {
  const inside = 'database' in change && typeof change.database === 'string' ? change.database : target.database
  await using session = await openPostgres({ ...target, database: inside }, signal)
  try {
    await session.rows(await statementOf(change))
  } catch (thrown) {
    if (!madeByOthers.has(String(toSlipwayError(thrown).facts['state']))) throw thrown
  }
}

/** Duplicate object, database or schema; and what a catalogue says of two who make the same at the same moment. */
const madeByOthers: ReadonlySet<string> = new Set(['42710', '42P04', '42P06', '23505'])

async function statementOf(change: DatabaseChange): Promise<string> {
  switch (change.kind) {
    case 'create-role': {
      const { name, login, password } = change.role
      const secret = password === null ? '' : ` PASSWORD '${await scramVerifier(password)}'`
      return `CREATE ROLE ${quoted(name)} ${login ? 'LOGIN' : 'NOLOGIN'}${secret}`
    }
    case 'allow-login':
      return `ALTER ROLE ${quoted(change.role.name)} LOGIN`
    case 'set-password':
    case 'replace-password':
      return `ALTER ROLE ${quoted(change.role.name)} PASSWORD '${await scramVerifier(change.role.password ?? '')}'`
    case 'join-role':
      return `GRANT ${quoted(change.role)} TO ${quoted(change.me)}`
    case 'create-database': {
      const { name, owner } = change.database
      return `CREATE DATABASE ${quoted(name)}${owner === null ? '' : ` OWNER ${quoted(owner)}`}`
    }
    case 'change-owner':
      return `ALTER DATABASE ${quoted(change.database.name)} OWNER TO ${quoted(change.to)}`
    case 'create-extension': {
      const { name, version } = change.extension
      return `CREATE EXTENSION IF NOT EXISTS ${quoted(name)}${version === null ? '' : ` VERSION ${quoted(version)}`}`
    }
    case 'update-extension':
      return `ALTER EXTENSION ${quoted(change.extension)} UPDATE TO ${quoted(change.to)}`
  }
}
