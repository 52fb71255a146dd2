import type { Selectable } from 'kysely'
import { z } from 'zod'
import { isErrorCode, SlipwayError } from '../domain/errors.ts'
import { runStatuses, stageStatuses } from '../contract/events.ts'
import type { RunRecord, StageRecord, StoredError } from '../engine/contract/records.ts'
import type { Subject } from '../domain/subject.ts'
import { isOf, subjectOf } from './subjects.ts'
import type { Database, Tables } from './tables.ts'
import { decisionShape, needShape } from '../contract/plan.ts'
import { storedFindingShape } from '../contract/finding.ts'
import { storedError as storedErrorBase } from '../contract/runs.ts'

/** @throws SlipwayError `not-found`. */
export async function readRun(database: Database, id: string): Promise<RunRecord> {
  const row = await database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new SlipwayError('not-found', `there is no run ${id}`)
  return runRecord(row)
}

/** The newest first; `before` is the `created` of the last one on the page before. */
export async function listRuns(
  database: Database,
  filter: { readonly subject?: Subject; readonly before?: string; readonly limit: number },
): Promise<RunRecord[]> {
  const rows = await database
    .selectFrom('runs')
    .selectAll()
    .$call(query => (filter.subject === undefined ? query : query.where(isOf(filter.subject))))
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

/** A stage in the last run that has begun it, or is to. */
export interface StageTry {
  readonly run: string
  readonly stage: StageRecord
  /** When its run was asked for. */
  readonly created: string
}

/** Of each of these stages, by their keys, the last try; those that no run of the subject has or had are left out. */
export async function lastTries(
  database: Database,
  subject: Subject,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StageTry>> {
  if (keys.length === 0) return new Map()
  const rows = await database
    .selectFrom('stage_runs')
    .innerJoin('runs', 'runs.id', 'stage_runs.run')
    .distinctOn('stage_runs.key')
    .selectAll('stage_runs')
    .select('runs.created')
    .where(isOf(subject))
    .where('stage_runs.key', 'in', [...keys])
    .where(({ or, and, eb }) =>
      or([
        eb('stage_runs.attempts', '>', 0),
        and([
          eb('stage_runs.status', 'in', ['waiting', 'running']),
          eb('runs.status', 'in', ['queued', 'running', 'awaiting_approval']),
        ]),
      ]),
    )
    .orderBy('stage_runs.key')
    .orderBy('runs.created', 'desc')
    .execute()
  return new Map(rows.map(row => [row.key, { run: row.run, created: row.created, stage: stageRecord(row) }]))
}

const storedError: z.ZodType<StoredError> = storedErrorBase.extend({
  code: z.string().refine(isErrorCode),
  findings: z.array(storedFindingShape),
})
const needs = z.array(needShape)

const runRecord = (row: Selectable<Tables['runs']>): RunRecord => ({
  id: row.id,
  subject: subjectOf(row),
  title: row.title,
  status: z.enum(runStatuses).parse(row.status),
  plan_hash: row.plan_hash,
  pending_hash: row.pending_hash,
  desired_version: row.desired_version,
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
  ...(row.optional && { optional: true as const }),
  status: z.enum(stageStatuses).parse(row.status),
  decision: decisionShape.parse(row.decision),
  reason: row.reason,
  attempts: row.attempts,
  recheck: row.recheck,
  outputs: row.outputs,
  error: storedError.nullable().parse(row.error),
  started: row.started,
  ended: row.ended,
})
