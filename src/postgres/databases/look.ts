import { toSlipwayError } from '../../domain/errors.ts'
import { openPostgres, type PostgresSession, type PostgresTarget } from '../session.ts'
import type { DatabasesWish, ObservedDatabase, ObservedDatabases, ObservedRole, RoleWish } from './wish.ts'

/**
 * What is there, of what is wished for. Changes nothing.
 * @param target a database of the server that is there, and a role that may make what is wished for
 * @throws SlipwayError as `openPostgres` says.
 */
export async function lookAtDatabases(
  target: PostgresTarget,
  wish: DatabasesWish,
  signal: AbortSignal,
): Promise<ObservedDatabases> {
  await using session = await openPostgres(target, signal)
  const owners = wish.databases.flatMap(({ owner }) => owner ?? [])
  const found = await rolesOf(session, [...wish.roles.map(({ name }) => name), ...owners])
  const me = await whoAmI(session)
  const bare = me.superuser ? await withoutPassword(session) : new Set()
  const roles = new Map<string, ObservedRole>()
  for (const { rolname, rolcanlogin, mine } of found) {
    const wished = wish.roles.find(({ name }) => name === rolname)
    const isBare = bare.has(rolname)
    const passwordFits = wished && rolcanlogin && !isBare ? await fits(target, wished, signal) : null
    roles.set(rolname, { login: rolcanlogin, mine, bare: isBare, passwordFits })
  }
  const databases = new Map<string, ObservedDatabase>()
  for (const { datname, owner } of await databasesOf(session, wish)) {
    const extensions = await extensionsIn({ ...target, database: datname }, wish, signal)
    databases.set(datname, { owner, extensions })
  }
  return { me, roles, databases, available: await availableExtensions(session) }
}

async function whoAmI(session: PostgresSession): Promise<ObservedDatabases['me']> {
  const [row] = await session.rows<{
    rolname: string
    rolsuper: boolean
    rolcreaterole: boolean
    rolcreatedb: boolean
  }>('SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user')
  return {
    name: row?.rolname ?? '',
    superuser: row?.rolsuper === true,
    makesRoles: row?.rolcreaterole === true,
    makesDatabases: row?.rolcreatedb === true,
  }
}

/** A superuser may know. */
async function withoutPassword(session: PostgresSession): Promise<Set<string>> {
  const rows = await session.rows<{ rolname: string }>(
    'SELECT rolname FROM pg_catalog.pg_authid WHERE rolpassword IS NULL',
  )
  return new Set(rows.map(({ rolname }) => rolname))
}

/** Since PostgreSQL 16 to be a member is not enough to give it something. */
const rolesOf = (session: PostgresSession, names: readonly string[]) =>
  session.rows<{ rolname: string; rolcanlogin: boolean; mine: boolean }>(
    `SELECT rolname, rolcanlogin, pg_catalog.pg_has_role(current_user, oid,
       CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS mine
     FROM pg_catalog.pg_roles WHERE rolname = ANY ($1::text[])`,
    [names],
  )

const databasesOf = (session: PostgresSession, { databases }: DatabasesWish) =>
  session.rows<{ datname: string; owner: string }>(
    `SELECT d.datname, r.rolname AS owner FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
     WHERE d.datname = ANY ($1::text[])`,
    [databases.map(({ name }) => name)],
  )

async function availableExtensions(session: PostgresSession): Promise<Map<string, string[]>> {
  const rows = await session.rows<{ name: string; versions: string[] }>(
    `SELECT name, array_agg(version ORDER BY version) AS versions
     FROM pg_catalog.pg_available_extension_versions GROUP BY name`,
  )
  return new Map(rows.map(({ name, versions }) => [name, versions]))
}

async function extensionsIn(
  target: PostgresTarget,
  { databases }: DatabasesWish,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const wished = databases.find(({ name }) => name === target.database)?.extensions ?? []
  if (wished.length === 0) return new Map()
  await using session = await openPostgres(target, signal)
  const rows = await session.rows<{ extname: string; extversion: string }>(
    'SELECT extname, extversion FROM pg_catalog.pg_extension',
  )
  return new Map(rows.map(({ extname, extversion }) => [extname, extversion]))
}

/** Tried by a login: only a superuser could read what is kept of it. */
async function fits(
  target: PostgresTarget,
  { name, password }: RoleWish,
  signal: AbortSignal,
): Promise<boolean | null> {
  if (password === null) return null
  try {
    await using _ = await openPostgres({ ...target, user: name, password }, signal)
    return true
  } catch (thrown) {
    signal.throwIfAborted()
    const { code, facts } = toSlipwayError(thrown)
    if (facts['state'] === '28P01') return false
    // It may not into this database, or the server lets nobody in from here: of its password that says nothing.
    if (code === 'postgres-login' || code === 'postgres-refused') return null
    throw thrown
  }
}
