import { sql } from 'kysely'
import type { Lease, RunChange, StageChange, Transition, WriteGuard } from '../engine/contract/records.ts'
import { runStep, stageStep } from '../engine/contract/runLifecycle.ts'
import { applyChanges } from './applyChanges.ts'
import { subjectColumns, subjectOf } from './subjects.ts'
import type { Database } from './tables.ts'
import { transaction } from './transaction.ts'

/**
 * Writes a transition: state, attempts, host results, events and domain changes in one transaction, under the
 * fence. A numbered write is written once, however often it is sent.
 * @throws SlipwayError `lease-lost`, `run-state` when run or stage is not where the step starts, when the run has gone
 * on since it was read, or when a run that is to be cancelled would pause.
 */
export async function writeTransition(
  database: Database,
  run: string,
  transition: Transition,
  guard: WriteGuard,
): Promise<void> {
  const { changes } = transition
  if (!changes || changes.list.length === 0) {
    await recordTransition(database, run, guard, transition)
    return
  }
  await transaction(database, async tx => {
    if ((await recordTransition(tx, run, guard, transition)) === alreadyWritten) return
    const row = await tx
      .selectFrom('runs')
      .select(['subject_kind', 'subject_name'])
      .where('id', '=', run)
      .executeTakeFirstOrThrow()
    await applyChanges(tx, subjectOf(row), changes.list, changes.attempt)
  })
}

const alreadyWritten = -1

/** One statement without the domain changes. Returns the seq of the last event, or -1 when it was written before. */
export async function recordTransition(
  database: Database,
  run: string,
  guard: WriteGuard,
  transition: Transition,
): Promise<number> {
  const change = {
    events: transition.events ?? [],
    ...(transition.run && { run: runColumns(transition.run) }),
    ...(transition.stages && { stages: transition.stages.map(stageColumns) }),
    ...(transition.results && { results: transition.results }),
    ...(transition.release && { release: true }),
    ...(transition.cancel && { cancel: true }),
    ...(guard.lease === null && guard.seq !== undefined && { seq: guard.seq }),
  }
  const write = guard.lease === null ? null : guard.write
  const { rows } = await sql<{ seq: number }>`SELECT record_transition(${run}, ${fenceJson(guard.lease)}::jsonb,
    ${write}::bigint, ${JSON.stringify(change)}::jsonb) AS seq`.execute(database)
  return rows[0]?.seq ?? 0
}

export const fenceJson = (lease: Lease | null): string | null =>
  lease &&
  JSON.stringify({
    ...subjectColumns(lease.subject),
    worker: lease.worker,
    epoch: lease.epoch,
    number: lease.number,
  })

const runColumns = (change: RunChange): object => ({
  ...runStep(change.step),
  ...(change.error !== undefined && { error: change.error }),
  ...(change.planHash !== undefined && { plan_hash: change.planHash }),
  ...(change.pendingHash !== undefined && { pending_hash: change.pendingHash }),
  ...(change.approvedBy !== undefined && { approved_by: change.approvedBy }),
  ...(change.accepted !== undefined && { accepted: change.accepted }),
  ...(change.supersededBy !== undefined && { superseded_by: change.supersededBy }),
})

const stageColumns = ({ step, ...change }: StageChange): object => ({ ...change, ...(step && stageStep(step)) })
