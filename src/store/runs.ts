import { randomInt } from 'node:crypto'
import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { catalogue, type ErrorCode, SlipwayError } from '../domain/errors.ts'
import { runStatuses, stageStatuses } from '../engine/events.ts'
import { decisionSchema, findingSchema, type Plan, planFindings } from '../engine/plan.ts'
import type { RunRecord, StageRecord, StoredError } from '../engine/records.ts'
import { runStep } from '../engine/runLifecycle.ts'
import { hasCode } from './databaseErrors.ts'
import { savePlan } from './plans.ts'
import type { Database, DatabaseTransaction, Tables } from './tables.ts'
import { transaction } from './transaction.ts'
import { recordTransition } from './transitions.ts'

/** Ten characters that can be read aloud: no vowels, no look-alikes. */
const alphabet = 'bcdfghjkmnpqrstvwxz23456789'
const newRunId = (): string => Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('')

const unguarded = { lease: null }

/** See `RunRecords.createRun`. */
export async function createRun(
  database: Database,
  plan: Plan,
  approval: { readonly by: string; readonly accepted: readonly string[] },
): Promise<string> {
  const id = newRunId()
  await savePlan(database, plan, approval.by)
  try {
    await transaction(database, async tx => {
      await lockCluster(tx, plan.cluster)
      await refuseMovedState(tx, plan)
      await tx
        .insertInto('runs')
        .values({
          id,
          cluster: plan.cluster,
          title: plan.title,
          plan_hash: plan.hash,
          desired_version: plan.desired_version,
          status: 'queued',
          approved_by: approval.by,
          accepted: JSON.stringify(approval.accepted),
        })
        .execute()
      await insertStages(tx, id, plan)
      await supersedeOpenRuns(tx, plan.cluster, id)
      await recordTransition(tx, id, unguarded, {
        events: [
          {
            type: 'run-queued',
            message: `${plan.title} (plan ${plan.hash.slice(0, 12)}, approved by ${approval.by})`,
            data: { hash: plan.hash, accepted: [...approval.accepted], warnings: planFindings(plan).length },
          },
        ],
      })
      await sql`SELECT notify_slipway('work', ${id})`.execute(tx)
    })
  } catch (error) {
    if (hasCode(error, '23505', 'runs_active')) throw await leaseHeld(database, plan.cluster)
    throw error
  }
  return id
}

/** Whoever starts or changes a run of the cluster from outside waits here for whoever does so now, on any server. */
async function lockCluster(tx: DatabaseTransaction, cluster: string): Promise<void> {
  await tx
    .insertInto('leases')
    .values({ subject: cluster, epoch: 0, number: 0 })
    .onConflict(conflicting => conflicting.column('subject').doNothing())
    .execute()
  await tx.selectFrom('leases').select('subject').where('subject', '=', cluster).forUpdate().execute()
}

async function refuseMovedState(tx: DatabaseTransaction, plan: Plan): Promise<void> {
  const row = await tx
    .selectFrom('clusters')
    .select('desired_version')
    .where('name', '=', plan.cluster)
    .forShare()
    .executeTakeFirst()
  if (row && row.desired_version !== plan.desired_version)
    throw new SlipwayError(
      'plan-changed',
      `the desired state of ${plan.cluster} moved from version ${plan.desired_version} to ${row.desired_version} since it was planned`,
    )
}

async function insertStages(tx: DatabaseTransaction, run: string, plan: Plan): Promise<void> {
  const rows = plan.stages.map((stage, position) => ({
    run,
    key: stage.key,
    position,
    kind: stage.kind,
    title: stage.title,
    needs: stage.needs,
    arguments: stage.arguments,
    disabled: stage.disabled ?? null,
    decision: stage.decision,
  }))
  for (let start = 0; start < rows.length; start += 200)
    await sql`
      INSERT INTO stage_runs (run, key, position, kind, title, needs, arguments, disabled, status, decision)
      SELECT run, key, position, kind, title, needs, coalesce(arguments, 'null'), disabled, 'waiting', decision
      FROM jsonb_to_recordset(${JSON.stringify(rows.slice(start, start + 200))}::jsonb) AS list (
        run text, key text, position integer, kind text, title text, needs jsonb, arguments jsonb, disabled text,
        decision jsonb)`.execute(tx)
}

async function supersedeOpenRuns(tx: DatabaseTransaction, cluster: string, by: string): Promise<void> {
  const open = await tx
    .selectFrom('runs')
    .select(['id', 'status'])
    .where('cluster', '=', cluster)
    .where('id', '<>', by)
    .where('status', 'in', [...runStep('supersede').from])
    .orderBy('id')
    .forUpdate()
    .execute()
  for (const { id } of open)
    await recordTransition(tx, id, unguarded, {
      run: { step: 'supersede', supersededBy: by },
      events: [{ type: 'run-superseded', message: `superseded by run ${by}`, data: { by } }],
    })
}

async function leaseHeld(database: Database, cluster: string): Promise<SlipwayError> {
  const active = await database
    .selectFrom('runs')
    .select('id')
    .where('cluster', '=', cluster)
    .where('status', 'in', ['queued', 'running'])
    .executeTakeFirst()
  return new SlipwayError('lease-held', `run ${active?.id ?? 'of somebody else'} is changing cluster ${cluster}`, {
    facts: { cluster, run: active?.id ?? null },
  })
}

/** @throws SlipwayError `not-found`. */
export async function readRun(database: Database, id: string): Promise<RunRecord> {
  const row = await database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new SlipwayError('not-found', `there is no run ${id}`)
  return runRecord(row)
}

/** The newest first; `before` is the `created` of the last one on the page before. */
export async function listRuns(
  database: Database,
  filter: { readonly cluster?: string; readonly before?: string; readonly limit: number },
): Promise<RunRecord[]> {
  const rows = await database
    .selectFrom('runs')
    .selectAll()
    .$if(filter.cluster !== undefined, query => query.where('cluster', '=', filter.cluster ?? ''))
    .$if(filter.before !== undefined, query => query.where('created', '<', filter.before ?? ''))
    .orderBy('created', 'desc')
    .orderBy('id')
    .limit(filter.limit)
    .execute()
  return rows.map(runRecord)
}

/** Stages in the plan's order. */
export async function readStages(database: Database, run: string): Promise<StageRecord[]> {
  const rows = await database.selectFrom('stage_runs').selectAll().where('run', '=', run).orderBy('position').execute()
  return rows.map(stageRecord)
}

const isCode = (code: string): code is ErrorCode => code in catalogue
const storedError: z.ZodType<StoredError> = z.object({
  code: z.string().refine(isCode),
  message: z.string(),
  remedy: z.string(),
  causes: z.array(z.string()),
  findings: z.array(findingSchema),
  facts: z.record(z.string(), z.json()),
})
const needs = z.array(z.object({ stage: z.string(), until: z.enum(['completed', 'settled']).exactOptional() }))

const runRecord = (row: Selectable<Tables['runs']>): RunRecord => ({
  id: row.id,
  cluster: row.cluster,
  title: row.title,
  status: z.enum(runStatuses).parse(row.status),
  plan_hash: row.plan_hash,
  pending_hash: row.pending_hash,
  desired_version: row.desired_version,
  as_planned: row.as_planned,
  approved_by: row.approved_by,
  accepted: z.array(z.string()).parse(row.accepted),
  seq: row.seq,
  cancel_requested: row.cancel_requested,
  error: storedError.nullable().parse(row.error),
  superseded_by: row.superseded_by,
  created: row.created,
  started: row.started,
  ended: row.ended,
})

const stageRecord = (row: Selectable<Tables['stage_runs']>): StageRecord => ({
  kind: row.kind,
  key: row.key,
  title: row.title,
  needs: needs.parse(row.needs),
  arguments: z.json().parse(row.arguments),
  ...(row.disabled !== null && { disabled: row.disabled }),
  status: z.enum(stageStatuses).parse(row.status),
  decision: decisionSchema.parse(row.decision),
  reason: row.reason,
  attempts: row.attempts,
  recheck: row.recheck,
  outputs: row.outputs,
  error: storedError.nullable().parse(row.error),
  started: row.started,
  ended: row.ended,
})
