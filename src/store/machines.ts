import { type Selectable, sql, type SqlBool } from 'kysely'
import { z } from 'zod'
import type { DomainChange } from '../domain/changes.ts'
import { SlipwayError } from '../domain/errors.ts'
import { type MachineStatus, machineStatuses, type StatePlace } from '../domain/machine.ts'
import { machineToken } from '../domain/machineToken.ts'
import type { Database, DatabaseTransaction, Tables } from './tables.ts'

export interface MachineRecord {
  readonly name: string
  readonly uid: string
  readonly provider: string
  /** Its settings, as its provider's schema takes them. */
  readonly spec: Readonly<Record<string, unknown>>
  readonly desired_version: number
  readonly status: MachineStatus
  readonly status_since: string
  readonly addresses: readonly string[]
  readonly internal_address: string | null
  readonly last_error: string | null
  /** Null: its Terraform state is in the database. */
  readonly state_place: StatePlace | null
  readonly created: string
  readonly updated: string
}

/** Scope under which its host keys and files are kept: no name of a cluster has a blank. */
export const machineScope = (name: string): string => `machine ${name}`

/** What a state is sealed for. */
export const machineStatePurpose = (name: string): string => `machine/${name}/terraform-state`

/** Null when it is not on record. */
export async function findMachine(database: Database, name: string): Promise<MachineRecord | null> {
  const row = await database.selectFrom('machines').selectAll().where('name', '=', name).executeTakeFirst()
  return row ? machineRecord(row) : null
}

/** @throws SlipwayError `not-found`. */
export async function readMachine(database: Database, name: string): Promise<MachineRecord> {
  const found = await findMachine(database, name)
  if (found) return found
  throw new SlipwayError('not-found', `there is no machine ${name}`, {
    remedy: 'List those there are: slipway machine list.',
  })
}

/** Ordered by name; `after` is the last name of the page before. */
export async function listMachines(
  database: Database,
  page: { readonly after?: string; readonly limit: number },
): Promise<MachineRecord[]> {
  const rows = await database
    .selectFrom('machines')
    .selectAll()
    .where('name', '>', page.after ?? '')
    .orderBy('name')
    .limit(page.limit)
    .execute()
  return rows.map(machineRecord)
}

/** Puts a machine on record, or its settings; equal settings change nothing. */
export async function putMachine(
  tx: DatabaseTransaction,
  { name, uid, provider, spec }: Pick<MachineRecord, 'name' | 'uid' | 'provider' | 'spec'>,
): Promise<void> {
  const text = JSON.stringify(spec)
  await tx
    .insertInto('machines')
    .values({ name, uid, provider, spec: text, addresses: '[]' })
    .onConflict(conflicting =>
      conflicting
        .column('name')
        .doUpdateSet({
          provider,
          spec: text,
          desired_version: sql<number>`machines.desired_version + 1`,
          updated: sql<string>`now()`,
        })
        .where(sql<SqlBool>`machines.spec <> excluded.spec OR machines.provider <> excluded.provider`),
    )
    .execute()
}

export interface MachineStateRecord {
  readonly sealed: string
  readonly serial: number
  readonly lineage: string
}

export async function findMachineState(database: Database, name: string): Promise<MachineStateRecord | null> {
  const row = await database
    .selectFrom('machine_states')
    .select(['sealed', 'serial', 'lineage'])
    .where('name', '=', name)
    .executeTakeFirst()
  return row ?? null
}

/** Sealed states by the names of their machines, whether those are on record or not. */
export async function listMachineStates(
  database: Database,
): Promise<(Pick<MachineStateRecord, 'sealed'> & { readonly name: string })[]> {
  return database.selectFrom('machine_states').select(['name', 'sealed']).orderBy('name').execute()
}

export type MachineChange = Extract<DomainChange, { readonly machine: string }>

/** Writes what a stage reports of a machine. @throws SlipwayError `not-found` for one that is not on record. */
export async function applyMachineChange(tx: DatabaseTransaction, change: MachineChange): Promise<void> {
  const { machine } = change
  switch (change.type) {
    case 'machine-status':
      return update(tx, machine, {
        status: change.status,
        status_since: sql<string>`CASE WHEN status = ${change.status} THEN status_since ELSE now() END`,
        last_error: change.error ?? null,
      })
    case 'machine-addresses':
      await forgetElsewhere(tx, machine, change.addresses)
      return update(tx, machine, { addresses: JSON.stringify(change.addresses), internal_address: change.internal })
    case 'machine-state': {
      const { value: sealed, serial, lineage } = change
      await tx
        .insertInto('machine_states')
        .values({ name: machine, sealed, serial, lineage })
        .onConflict(conflicting =>
          conflicting.column('name').doUpdateSet({ sealed, serial, lineage, updated: sql<string>`now()` }),
        )
        .execute()
      return
    }
    case 'machine-state-place':
      return update(tx, machine, { state_place: change.place && JSON.stringify(change.place) })
    case 'machine-made-anew':
      await forgetHostKeys(tx, machine)
      return update(tx, machine, { addresses: '[]' })
    case 'machine-removed':
      return forgetMachine(tx, machine)
  }
}

/** Who answers at an address is known by now: whoever had it before has it no more. */
async function forgetElsewhere(tx: DatabaseTransaction, machine: string, addresses: readonly string[]): Promise<void> {
  if (addresses.length === 0) return
  await tx
    .updateTable('machines')
    .set({ addresses: '[]', internal_address: null, updated: sql<string>`now()` })
    .where('name', '<>', machine)
    .where(sql<SqlBool>`addresses ?| ${sql.val([...addresses])}::text[]`)
    .execute()
}

async function update(tx: DatabaseTransaction, machine: string, values: object): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('machines')
    .set({ ...values, updated: sql<string>`now()` })
    .where('name', '=', machine)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw new SlipwayError('not-found', `there is no machine ${machine}`)
}

/** Takes it off the record with its state, its files and its host keys. Its lease stays: its fences go on growing. */
async function forgetMachine(tx: DatabaseTransaction, name: string): Promise<void> {
  const scope = machineScope(name)
  await tx.deleteFrom('machines').where('name', '=', name).execute()
  await tx.deleteFrom('machine_states').where('name', '=', name).execute()
  await tx
    .deleteFrom('credentials')
    .where(sql<SqlBool>`starts_with(name, ${`${scope}/`})`)
    .execute()
  await forgetHostKeys(tx, name)
}

/** Also those that clusters have pinned of the node on it: whoever is there next has others. */
async function forgetHostKeys(tx: DatabaseTransaction, machine: string): Promise<void> {
  await tx.deleteFrom('host_keys').where('cluster', '=', machineScope(machine)).execute()
  await tx
    .deleteFrom('host_keys')
    .using('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .where('nodes.internal_ip', '=', machineToken(machine))
    .whereRef('host_keys.cluster', '=', 'clusters.name')
    .whereRef('host_keys.host', '=', 'nodes.hostname')
    .execute()
}

const placeShape: z.ZodType<StatePlace | null> = z
  .object({
    backend: z.string(),
    title: z.string(),
    workspace: z.string(),
    unwritten: z.boolean(),
    making: z.array(z.string()).readonly(),
    lock: z.object({ who: z.string(), since: z.string() }).readonly().nullable(),
  })
  .readonly()
  .nullable()

const machineRecord = (row: Selectable<Tables['machines']>): MachineRecord => ({
  ...row,
  spec: z.record(z.string(), z.unknown()).parse(row.spec),
  status: z.enum(machineStatuses).parse(row.status),
  addresses: z.array(z.string()).parse(row.addresses),
  state_place: placeShape.parse(row.state_place),
})
