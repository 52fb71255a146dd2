import { type Interrupted, interruptedShape, type Run, runShape } from '../../contract/runs.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { shortHash } from '../../domain/planHash.ts'
import type { OperationRequest } from '../../contract/operations.ts'
import type { Client } from '../client/client.ts'
import { whereInterrupted, whyNot } from './takeUp.ts'
import { pageOf } from '../../contract/page.ts'

/** What a plan is made of, as far as the runs of its cluster are concerned. */
export interface PlannedSubject {
  readonly cluster: string
  /** The cluster file; without it the stored desired state is meant. */
  readonly document?: object
  readonly operation: OperationRequest
  readonly accept: readonly string[]
  /** The run that applying the plan would settle. */
  readonly settles: string | null
}

/** What is unfinished of a cluster and what apply would do about it, in a line; null when nothing is. */
export async function readUnfinished(client: Client, subject: PlannedSubject): Promise<string | null> {
  const { cluster, document, operation, accept, settles } = subject
  const newest = await newestRun(client, cluster)
  if (newest === null || newest.status === 'completed' || newest.status === 'superseded') return null
  const path = `/clusters/${encodeURIComponent(cluster)}/interrupted`
  const interrupted = await client.post(path, { ...(document && { document }), operation, accept }, interruptedShape)
  return unfinishedLine(interrupted.run ?? newest, interrupted, { accept, settles })
}

async function newestRun(client: Client, cluster: string): Promise<Run | null> {
  try {
    const path = `/clusters/${encodeURIComponent(cluster)}/runs?limit=1`
    return (await client.get(path, pageOf(runShape))).items[0] ?? null
  } catch (error) {
    // It is not on record yet.
    if (error instanceof SlipwayError && error.code === 'not-found') return null
    throw error
  }
}

/** Pure. `run` is the newest of its cluster. */
export function unfinishedLine(
  run: Run,
  interrupted: Interrupted,
  { accept, settles }: Pick<PlannedSubject, 'accept' | 'settles'>,
): string | null {
  const { id, status, pending_hash } = run
  if (interrupted.run !== null) {
    const where = whereInterrupted(interrupted, run)
    const why = whyNot(interrupted, run, { accept })
    return why === null
      ? `${where}; apply goes on with it (plan ${shortHash(run.plan_hash)}, approved by ${run.approved_by}).`
      : `${where}, nobody executes it, and ${why}: apply asks before it ends it (--supersede ${id}), and slipway resume ${id} --as-planned goes on with it.`
  }
  const how = status === 'failed' ? 'failed' : status === 'cancelled' ? 'was cancelled' : 'waits for an approval'
  if (settles === id) return `Run ${id} ${how}, and nothing of it is left to do: apply settles it.`
  switch (status) {
    case 'queued':
    case 'running':
      return `Run ${id} is under way; until it has ended, apply is refused. Follow it: slipway logs -f ${id}.`
    case 'awaiting_approval':
      return `Run ${id} ${how} (slipway approve ${id} ${shortHash(pending_hash ?? '')}); apply puts a new run in its place.`
    case 'failed':
    case 'cancelled':
      return `Run ${id} ${how}; apply puts a new run in its place, and slipway resume ${id} goes on with it.`
    case 'completed':
    case 'superseded':
      return null
  }
}
