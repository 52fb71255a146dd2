import { sql } from 'kysely'
import { z } from 'zod'
import type { Lease, Worker } from '../engine/contract/records.ts'
import type { Subject } from '../domain/subject.ts'
import { isOf, type OfSubject, subjectColumns, subjectOf } from './subjects.ts'
import type { Database } from './tables.ts'

/** Leases and their fence. All times are the database's; `number` only grows. */

export async function claimRun(
  database: Database,
  worker: Worker,
  timeToLive: number,
  dead: readonly string[],
): Promise<{ run: string; lease: Lease } | null> {
  const { rows } = await sql<OfSubject & { run: string; epoch: number; number: number }>`
    SELECT run, subject_kind, subject_name, epoch, number
    FROM claim_run(${worker.id}, ${JSON.stringify(worker)}::jsonb, ${timeToLive}, ${JSON.stringify(dead)}::jsonb)`.execute(
    database,
  )
  const [row] = rows
  if (!row) return null
  const { run, epoch, number } = row
  return { run, lease: { subject: subjectOf(row), epoch, number, worker: worker.id } }
}

/** The lease of a subject, whatever its runs; null while somebody else has it. */
export async function holdLease(
  database: Database,
  worker: Worker,
  subject: Subject,
  timeToLive: number,
  dead: readonly string[],
): Promise<Lease | null> {
  await database
    .insertInto('leases')
    .values({ ...subjectColumns(subject), epoch: 0, number: 0 })
    .onConflict(conflicting => conflicting.columns(['subject_kind', 'subject_name']).doNothing())
    .execute()
  const { rows } = await sql<{ epoch: number; number: number }>`
    UPDATE leases SET number = number + 1, epoch = (SELECT epoch FROM installation),
      worker = ${worker.id}, owner = ${JSON.stringify(worker)}::jsonb, taken = clock_timestamp(),
      expires = clock_timestamp() + ${timeToLive} * interval '1 ms'
    WHERE subject_kind = ${subject.kind} AND subject_name = ${subject.name}
      AND (worker IS NULL OR expires <= clock_timestamp() OR ${JSON.stringify(dead)}::jsonb ? worker)
    RETURNING epoch, number`.execute(database)
  const [row] = rows
  return row ? { subject, worker: worker.id, ...row } : null
}

export async function renewLeases(database: Database, leases: readonly Lease[], timeToLive: number): Promise<Lease[]> {
  const held = leases.map(({ subject, ...rest }) => ({ ...rest, ...subjectColumns(subject) }))
  const { rows } = await sql<OfSubject & Omit<Lease, 'subject'>>`
    UPDATE leases SET expires = clock_timestamp() + ${timeToLive} * interval '1 ms'
    FROM jsonb_to_recordset(${JSON.stringify(held)}::jsonb)
      AS held (subject_kind text, subject_name text, worker text, epoch bigint, number bigint)
    WHERE leases.subject_kind = held.subject_kind AND leases.subject_name = held.subject_name
      AND leases.worker = held.worker AND leases.epoch = held.epoch AND leases.number = held.number
    RETURNING leases.subject_kind, leases.subject_name, leases.worker, leases.epoch, leases.number`.execute(database)
  return rows.map(({ worker, epoch, number, ...row }) => ({ subject: subjectOf(row), worker, epoch, number }))
}

/** Who holds the lease of a subject, while its time is not over. */
export async function leaseHolder(database: Database, subject: Subject): Promise<Worker | null> {
  const row = await database
    .selectFrom('leases')
    .select('owner')
    .where(isOf(subject))
    .where('worker', 'is not', null)
    .where('expires', '>', sql<string>`clock_timestamp()`)
    .executeTakeFirst()
  return row ? workerSchema.parse(row.owner) : null
}

/** Gives a lease back and wakes the workers; does nothing when somebody else has it by now. */
export async function releaseLease(database: Database, lease: Lease): Promise<void> {
  await sql`WITH given AS (
      UPDATE leases SET worker = NULL, owner = NULL, expires = NULL
      WHERE subject_kind = ${lease.subject.kind} AND subject_name = ${lease.subject.name}
        AND worker = ${lease.worker} AND epoch = ${lease.epoch} AND number = ${lease.number}
      RETURNING subject_name)
    SELECT notify_slipway('work', subject_name) FROM given`.execute(database)
}

/** For an embedded database that was just opened: its folder's lock proves that every earlier owner is dead. */
export async function releaseAllLeases(database: Database): Promise<void> {
  await database
    .updateTable('leases')
    .set({ worker: null, owner: null, expires: null })
    .where('worker', 'is not', null)
    .execute()
}

const workerSchema: z.ZodType<Worker> = z.object({
  id: z.string(),
  host: z.string(),
  boot_id: z.string(),
  pid_namespace: z.string(),
  pid: z.int(),
  process_start: z.string(),
})

export async function otherOwners(database: Database, worker: string): Promise<Worker[]> {
  const rows = await database
    .selectFrom('leases')
    .select('owner')
    .where('worker', 'is not', null)
    .where('worker', '<>', worker)
    .execute()
  return rows.map(row => workerSchema.parse(row.owner))
}

/** How often a subject was worked on; 0 for one that never was. It only grows. */
export async function leaseNumber(database: Database, subject: Subject): Promise<number> {
  const row = await database.selectFrom('leases').select('number').where(isOf(subject)).executeTakeFirst()
  return row?.number ?? 0
}
