import { randomInt } from 'node:crypto'
import { sql } from 'kysely'
import { SlipwayError } from '../domain/errors.ts'
import { planFindings } from '../engine/plan/plan.ts'
import { runStep } from '../engine/contract/runLifecycle.ts'
import { savePlan } from './plans.ts'
import { type Subject, subjectText } from '../domain/subject.ts'
import { desiredVersion, isOf, subjectColumns } from './subjects.ts'
import type { Database, DatabaseTransaction } from './tables.ts'
import { transaction } from './transaction.ts'
import { recordTransition } from './transitions.ts'
import type { Plan } from '../contract/plan.ts'

export interface RunApproval {
  readonly by: string
  readonly accepted: readonly string[]
}

/** Ten characters that can be read aloud: no vowels, no look-alikes. */
const alphabet = 'bcdfghjkmnpqrstvwxz23456789'
const newRunId = (): string => Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('')

const unguarded = { lease: null }

/** See `RunRecords.createRun`. */
export function createRun(database: Database, plan: Plan, approval: RunApproval): Promise<string> {
  return transaction(database, async tx => {
    await lockSubject(tx, plan.subject)
    await refuseActiveRun(tx, plan.subject)
    return insertRun(tx, plan, approval)
  })
}

/** Whoever starts or changes a run of the subject from outside waits here for whoever does so now, on any server. */
export async function lockSubject(tx: DatabaseTransaction, subject: Subject): Promise<void> {
  await tx
    .insertInto('leases')
    .values({ ...subjectColumns(subject), epoch: 0, number: 0 })
    .onConflict(conflicting => conflicting.columns(['subject_kind', 'subject_name']).doNothing())
    .execute()
  await tx.selectFrom('leases').select('number').where(isOf(subject)).forUpdate().execute()
}

/** Id of the subject's run that is queued or running. */
export async function activeRun(database: Database, subject: Subject): Promise<string | null> {
  const active = await database
    .selectFrom('runs')
    .select('id')
    .where(isOf(subject))
    .where('status', 'in', ['queued', 'running'])
    .executeTakeFirst()
  return active?.id ?? null
}

/** @throws SlipwayError `lease-held` when a run of the subject is queued or running. */
export async function refuseActiveRun(tx: DatabaseTransaction, subject: Subject): Promise<void> {
  const run = await activeRun(tx, subject)
  if (run !== null)
    throw new SlipwayError('lease-held', `run ${run} is changing ${subjectText(subject)}`, {
      facts: { [subject.kind]: subject.name, run },
      remedy: `Follow it with \`slipway logs -f ${run}\`, cancel it with \`slipway cancel ${run}\`, or, when nobody executes it, go on with it: \`slipway resume ${run}\`.`,
    })
}

/**
 * The run of a plan, under the subject's lock; it supersedes the open ones. Returns its id.
 * @throws SlipwayError `plan-changed` when the desired state moved.
 */
export async function insertRun(tx: DatabaseTransaction, plan: Plan, approval: RunApproval): Promise<string> {
  const id = newRunId()
  await refuseMovedState(tx, plan)
  await savePlan(tx, plan, approval.by)
  await tx
    .insertInto('runs')
    .values({
      id,
      ...subjectColumns(plan.subject),
      title: plan.title,
      plan_hash: plan.hash,
      desired_version: plan.desired_version,
      status: 'queued',
      approved_by: approval.by,
      accepted: JSON.stringify(approval.accepted),
    })
    .execute()
  await insertStages(tx, id, plan)
  await supersedeOpenRuns(tx, plan.subject, id)
  await recordTransition(tx, id, unguarded, {
    events: [
      {
        type: 'run-queued',
        message: plan.title,
        data: {
          hash: plan.hash,
          by: approval.by,
          accepted: approval.accepted,
          warnings: planFindings(plan).length,
        },
      },
    ],
  })
  await sql`SELECT notify_slipway('work', ${id})`.execute(tx)
  return id
}

async function refuseMovedState(tx: DatabaseTransaction, plan: Plan): Promise<void> {
  const version = await desiredVersion(tx, plan.subject, 'share')
  if (version !== null && version !== plan.desired_version)
    throw new SlipwayError(
      'plan-changed',
      `the desired state of ${plan.subject.name} moved from version ${plan.desired_version} to ${version} since it was planned`,
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
    optional: stage.optional ?? false,
    decision: stage.decision,
  }))
  for (let start = 0; start < rows.length; start += 200)
    await sql`
      INSERT INTO stage_runs (run, key, position, kind, title, needs, arguments, disabled, optional, status, decision)
      SELECT run, key, position, kind, title, needs, coalesce(arguments, 'null'), disabled, optional, 'waiting', decision
      FROM jsonb_to_recordset(${JSON.stringify(rows.slice(start, start + 200))}::jsonb) AS list (
        run text, key text, position integer, kind text, title text, needs jsonb, arguments jsonb, disabled text,
        optional boolean,
        decision jsonb)`.execute(tx)
}

async function supersedeOpenRuns(tx: DatabaseTransaction, subject: Subject, by: string): Promise<void> {
  const open = await tx
    .selectFrom('runs')
    .select(['id', 'status'])
    .where(isOf(subject))
    .where('id', '<>', by)
    .where('status', 'in', [...runStep('supersede').from])
    .orderBy('id')
    .forUpdate()
    .execute()
  for (const { id } of open)
    await recordTransition(tx, id, unguarded, {
      run: { step: 'supersede', supersededBy: by },
      events: [{ type: 'run-superseded', message: 'superseded', data: { by } }],
    })
}
