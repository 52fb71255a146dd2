import type { RunRecord } from '../../engine/contract/records.ts'
import { previewDesiredState } from '../../store/previewDesiredState.ts'
import { listRuns, readStages } from '../../store/runs.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Application } from '../application.ts'
import type { Draft } from '../plans/draft.ts'
import { draftOf } from '../plans/actions.ts'
import { shownRun } from './actions.ts'
import { stageName } from './stageName.ts'
import { isExecuted } from './executed.ts'
import type { Interrupted, InterruptedQuery } from '../../contract/runs.ts'
import { clusterSubject } from '../../domain/subject.ts'

/**
 * The cluster's run that was begun and that nobody executes, and whether it does what this file asks for: then it is
 * enough to go on with it. A run that waits for a worker which is there is not meant.
 * @throws SlipwayError `cluster-file-invalid`, `cluster-conflict`, `not-found`.
 */
export async function findInterrupted(
  application: Application,
  cluster: string,
  { document, accept }: InterruptedQuery,
): Promise<Interrupted> {
  const { database } = application.store
  const [run] = await listRuns(database, { subject: clusterSubject(cluster), limit: 1 })
  if (!run || !(await isInterrupted(application, run))) return { run: null, at: null, differs: null }
  const draft = await draftOf(application, { ...(document ? { document } : { cluster }), accept })
  return {
    run: await shownRun(database, run),
    at: await whereItStopped(application, run.id),
    differs: await differenceOf(application, run, draft),
  }
}

async function isInterrupted({ store, executes }: Application, run: RunRecord): Promise<boolean> {
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
async function differenceOf(
  application: Application,
  run: RunRecord,
  { desired, keyFiles, files, accepted }: Draft,
): Promise<Interrupted['differs']> {
  const { store, sealer } = application
  const { changed, desired_version } = await previewDesiredState(store.database, desired)
  if (changed || desired_version !== run.desired_version) return 'file'
  const stored = await readStoredFiles(store.database, sealer, desired.metadata.name, keyFiles)
  if (!Object.entries(files).every(([file, text]) => stored[file] === text)) return 'file'
  return accepted.join(' ') === run.accepted.toSorted().join(' ') ? null : 'acceptance'
}
