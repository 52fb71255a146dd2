import { isDeepStrictEqual } from 'node:util'
import type { RunRecord } from '../../engine/contract/records.ts'
import { previewDesiredState } from '../../store/previewDesiredState.ts'
import { readRecordedCluster } from '../../store/recordedCluster.ts'
import { findPlan } from '../../store/plans.ts'
import { listRuns, readStages } from '../../store/runs.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Application } from '../application.ts'
import type { Draft } from '../plans/draft.ts'
import { draftOf } from '../plans/draftOf.ts'
import { shownRun } from './actions.ts'
import { stageName } from './stageName.ts'
import { isExecuted } from './executed.ts'
import type { Interrupted, InterruptedQuery } from '../../contract/runs.ts'
import { operationTitle, type PlannedOperation } from '../../contract/operations.ts'
import { clusterSubject } from '../../domain/subject.ts'

/**
 * The cluster's run that was begun and that nobody executes, and whether it does what this file asks for: then it is
 * enough to go on with it. A run that waits for a worker which is there is not meant.
 * @throws SlipwayError `cluster-file-invalid`, `cluster-conflict`, `not-found`.
 */
export async function findInterrupted(
  application: Application,
  cluster: string,
  { document, operation, accept }: InterruptedQuery,
): Promise<Interrupted> {
  const { database } = application.store
  const [run] = await listRuns(database, { subject: clusterSubject(cluster), limit: 1 })
  if (!run || !(await isInterrupted(application, run))) return { run: null, at: null, differs: null }
  const asked = { ...(document ? { document } : { cluster }), operation, accept }
  const draft = await draftOf(application, asked)
  return {
    run: await shownRun(database, run),
    at: await whereItStopped(application, run.id),
    differs: await differenceOf(application, run, draft),
  }
}

/** Whether a run was begun, or was to be, and nobody who is there executes it. */
export async function isInterrupted({ store, executes }: Application, run: RunRecord): Promise<boolean> {
  if (run.status === 'running') return (await isExecuted(store.database, run)) === false
  return run.status === 'queued' && (executes === 'on-demand' || executes === 'when-started')
}

/** The stage whose turn it was, or would have been. */
async function whereItStopped({ store, registry }: Application, run: string): Promise<string | null> {
  const stages = await readStages(store.database, run)
  const open = stages.filter(({ status }) => status === 'running' || status === 'waiting')
  const begun = open.find(({ status, attempts }) => status === 'running' || attempts > 0)
  const stage = begun ?? open[0]
  return stage ? stageName(stage, registry) : null
}

/** Null: the same desired state with the same secrets, the same acceptances, and nothing has moved since. */
async function differenceOf(application: Application, run: RunRecord, draft: Draft): Promise<Interrupted['differs']> {
  const { store, sealer } = application
  const { desired, operation, keyFiles, files, accepted } = draft
  const { operation: planned } = await findPlan(store.database, run.plan_hash)
  const isSame = planned
    ? isOfSameWish(operation, planned)
    : run.title === operationTitle(operation, desired.metadata.name)
  if (!isSame) return 'file'
  const { changed, desired_version } = await previewDesiredState(store.database, desired)
  if (changed || desired_version !== run.desired_version) return 'file'
  const stored = await readStoredFiles(store.database, sealer, desired.metadata.name, keyFiles)
  if (!Object.entries(files).every(([file, text]) => stored[file] === text)) return 'file'
  if (operation.operation === 'apply' && (await asksForMore(application, run, draft))) return 'file'
  return accepted.join(' ') === run.accepted.toSorted().join(' ') ? null : 'acceptance'
}

/**
 * Whether nothing else is asked for than what a run was planned for. Who is to leave as well is seen by the stages; that
 * pods are to be moved away in another way is another wish.
 */
export function isOfSameWish(asked: PlannedOperation, planned: PlannedOperation): boolean {
  if (asked.operation !== 'apply' || planned.operation !== 'apply') return isDeepStrictEqual(asked, planned)
  if (!asked.remove || !planned.remove) return true
  const { nodes: _asked, ...how } = asked.remove
  const { nodes: _planned, ...plannedHow } = planned.remove
  return isDeepStrictEqual(how, plannedHow)
}

/** Whether there are stages now that the run has not: nodes that are to leave as well. Those that have left are in none. */
async function asksForMore({ store, planning }: Application, run: RunRecord, draft: Draft): Promise<boolean> {
  const { metadata } = draft.desired
  const [stored, recorded] = await Promise.all([
    readStages(store.database, run.id),
    readRecordedCluster(store.database, metadata.name),
  ])
  const opened = await planning.open(draft, recorded)
  try {
    const keys = new Set(stored.map(({ key }) => key))
    return opened.stages.some(({ key }) => !keys.has(key))
  } finally {
    await opened.close()
  }
}
