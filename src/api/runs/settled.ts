import { SlipwayError } from '../../domain/errors.ts'
import { runStep } from '../../engine/contract/runLifecycle.ts'
import type { RunRecords } from '../../engine/contract/records.ts'
import { listRuns } from '../../store/runs.ts'
import type { Database } from '../../store/tables.ts'
import { clusterSubject } from '../../domain/subject.ts'

/**
 * The cluster's newest run, where it was to do what this title says, and ended without being completed or waits for an
 * approval: a new run would supersede it.
 */
export async function unfinishedRun(database: Database, cluster: string, title: string) {
  const [run] = await listRuns(database, { subject: clusterSubject(cluster), limit: 1 })
  return run && run.title === title && runStep('supersede').from.includes(run.status) ? run : null
}

/**
 * Settles that run where a plan has found nothing left to do: no run takes its place, and nobody is to take the cluster
 * for one that failed. Returns its id; null when there was none, or when it goes on meanwhile.
 */
export async function settleUnfinished(
  { database, records }: { readonly database: Database; readonly records: RunRecords },
  cluster: string,
  { hash, title, by }: { readonly hash: string; readonly title: string; readonly by: string },
): Promise<string | null> {
  const run = await unfinishedRun(database, cluster, title)
  if (run === null) return null
  try {
    await records.write(
      run.id,
      {
        run: { step: 'supersede', pendingHash: null },
        events: [{ type: 'run-superseded', message: 'settled', data: { by: null, hash, approved_by: by } }],
      },
      { lease: null, seq: run.seq },
    )
    return run.id
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'run-state') return null
    throw error
  }
}
