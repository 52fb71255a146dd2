import { sql } from 'kysely'
import { SlipwayError } from '../domain/errors.ts'
import type { Migration } from './migration.ts'
import { clusters } from './migrations/0001_clusters.ts'
import { etcdCluster } from './migrations/0004_etcd_cluster.ts'
import { runFunctions } from './migrations/0003_run_functions.ts'
import { runs } from './migrations/0002_runs.ts'
import { addresses } from './migrations/0005_addresses.ts'
import { nodesBehind } from './migrations/0006_nodes_behind.ts'
import { functionsAsFiles } from './migrations/0007_functions_as_files.ts'
import { subjects } from './migrations/0008_subjects.ts'
import { eventOrder } from './migrations/0009_event_order.ts'
import { discovery } from './migrations/0010_discovery.ts'
import { nodeFields } from './migrations/0011_node_fields.ts'
import { optionalStages } from './migrations/0012_optional_stages.ts'
import { machines } from './migrations/0013_machines.ts'
import { statePlaces } from './migrations/0014_state_places.ts'
import { etcdMembers } from './migrations/0015_etcd_members.ts'
import { applyFunctions } from './functions.ts'
import type { Database } from './tables.ts'

/** Numbered without gaps (a test checks it). A migration that was released never changes. */
export const migrations: readonly Migration[] = [
  clusters,
  runs,
  runFunctions,
  etcdCluster,
  addresses,
  nodesBehind,
  functionsAsFiles,
  subjects,
  eventOrder,
  discovery,
  nodeFields,
  optionalStages,
  machines,
  statePlaces,
  etcdMembers,
]

export interface MigrationStatus {
  readonly number: number
  readonly name: string
  /** ISO 8601; null while it is not applied. */
  readonly applied: string | null
}

/**
 * Applies what is missing, each step in a transaction, and at the newest one makes the functions those of this version;
 * a second call does nothing. Returns the applied numbers.
 */
export async function migrateUp(database: Database, to = migrations.length): Promise<number[]> {
  const applied: number[] = []
  const before = await database.transaction().execute(appliedSteps)
  for (const migration of migrations.filter(one => one.number <= to && !before.has(one.number)))
    if (await step(database, migration, 'up')) applied.push(migration.number)
  if (to === migrations.length)
    await database.transaction().execute(async transaction => {
      await waitForOthers(transaction)
      await applyFunctions(transaction)
    })
  return applied
}

/** Takes back every step above `to`, the newest first. Returns their numbers. */
export async function migrateDown(database: Database, to: number): Promise<number[]> {
  const reverted: number[] = []
  for (const migration of migrations.filter(one => one.number > to).toReversed())
    if (await step(database, migration, 'down')) reverted.push(migration.number)
  return reverted
}

/** @throws SlipwayError `database-newer` when the database has steps that this version does not know. */
export async function migrationStatus(database: Database): Promise<MigrationStatus[]> {
  return database.transaction().execute(async transaction => {
    const applied = await appliedSteps(transaction)
    return migrations.map(({ number, name }) => ({ number, name, applied: applied.get(number) ?? null }))
  })
}

async function step(database: Database, migration: Migration, direction: 'up' | 'down'): Promise<boolean> {
  return database.transaction().execute(async transaction => {
    const applied = await appliedSteps(transaction)
    if (applied.has(migration.number) === (direction === 'up')) return false
    for (const statement of migration[direction]) await sql.raw(statement).execute(transaction)
    if (direction === 'up')
      await sql`INSERT INTO schema_migrations (number, name) VALUES (${migration.number}, ${migration.name})`.execute(
        transaction,
      )
    else await sql`DELETE FROM schema_migrations WHERE number = ${migration.number}`.execute(transaction)
    return true
  })
}

async function appliedSteps(transaction: Database): Promise<Map<number, string>> {
  await waitForOthers(transaction)
  await sql`CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY, name text NOT NULL, applied timestamptz NOT NULL DEFAULT now())`.execute(transaction)
  const rows = await transaction.selectFrom('schema_migrations').select(['number', 'applied']).execute()
  const newest = Math.max(0, ...rows.map(row => row.number))
  if (newest > migrations.length)
    throw new SlipwayError(
      'database-newer',
      `the database is at migration ${newest}, this version knows ${migrations.length}`,
    )
  return new Map(rows.map(row => [row.number, row.applied]))
}

/** Several servers may start at once: one of them migrates, the others wait and find it done. */
const waitForOthers = (transaction: Database) => sql`SELECT pg_advisory_xact_lock(7365190)`.execute(transaction)
