import { sql } from 'kysely'
import { z } from 'zod'
import type { Lease, Worker } from '../engine/records.ts'
import type { Database } from './tables.ts'

/** Leases and their fence. All times are the database's; `number` only grows. */

export async function claimRun(
  database: Database,
  worker: Worker,
  timeToLive: number,
  dead: readonly string[],
): Promise<{ run: string; lease: Lease } | null> {
  const { rows } = await sql<{ run: string; subject: string; epoch: number; number: number }>`
    SELECT run, subject, epoch, number
    FROM claim_run(${worker.id}, ${JSON.stringify(worker)}::jsonb, ${timeToLive}, ${JSON.stringify(dead)}::jsonb)`.execute(
    database,
  )
  const [row] = rows
  if (!row) return null
  const { run, ...fence } = row
  return { run, lease: { ...fence, worker: worker.id } }
}

export async function renewLeases(database: Database, leases: readonly Lease[], timeToLive: number): Promise<Lease[]> {
  const { rows } = await sql<Lease>`
    UPDATE leases SET expires = clock_timestamp() + ${timeToLive} * interval '1 ms'
    FROM jsonb_to_recordset(${JSON.stringify(leases)}::jsonb)
      AS held (subject text, worker text, epoch bigint, number bigint)
    WHERE leases.subject = held.subject AND leases.worker = held.worker AND leases.epoch = held.epoch
      AND leases.number = held.number
    RETURNING leases.subject, leases.worker, leases.epoch, leases.number`.execute(database)
  return rows
}

/** Who holds the lease of a subject, while its time is not over. */
export async function leaseHolder(database: Database, subject: string): Promise<Worker | null> {
  const row = await database
    .selectFrom('leases')
    .select('owner')
    .where('subject', '=', subject)
    .where('worker', 'is not', null)
    .where('expires', '>', sql<string>`clock_timestamp()`)
    .executeTakeFirst()
  return row ? workerSchema.parse(row.owner) : null
}

/** Gives a lease back and wakes the workers; does nothing when somebody else has it by now. */
export async function releaseLease(database: Database, lease: Lease): Promise<void> {
  await sql`WITH given AS (
      UPDATE leases SET worker = NULL, owner = NULL, expires = NULL
      WHERE subject = ${lease.subject} AND worker = ${lease.worker} AND epoch = ${lease.epoch} AND number = ${lease.number}
      RETURNING subject)
    SELECT notify_slipway('work', subject) FROM given`.execute(database)
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
