import { SlipwayError } from '../../domain/errors.ts'
import type { RunRecord } from '../../engine/records.ts'
import { endedStatuses } from '../../engine/runLifecycle.ts'
import { isDead } from '../../processes/workerIdentity.ts'
import { leaseHolder } from '../../store/leases.ts'
import { readRun } from '../../store/runs.ts'
import type { Database } from '../../store/tables.ts'
import type { Application } from '../application.ts'

/**
 * Whether a living worker has the run in its hands; null when it has ended. A run that is `running` on record goes on
 * with the next server when its own has ended; until then nobody may think that something happens.
 */
export async function isExecuted(
  database: Database,
  run: Pick<RunRecord, 'cluster' | 'status'>,
): Promise<boolean | null> {
  if (endedStatuses.has(run.status)) return null
  if (run.status !== 'running') return false
  return (await livingHolder(database, run.cluster)) !== null
}

async function livingHolder(database: Database, cluster: string) {
  const holder = await leaseHolder(database, cluster)
  return holder !== null && !isDead(holder) ? holder : null
}

/** Says who is at the run that stands in the way, and what can be done; other errors stay as they are. @throws it. */
export async function tellingWhoIsAtIt({ store }: Application, error: unknown): Promise<never> {
  if (!(error instanceof SlipwayError) || error.code !== 'lease-held') throw error
  const { run } = error.facts
  if (typeof run !== 'string') throw error
  const { cluster, approved_by } = await readRun(store.database, run)
  const holder = await livingHolder(store.database, cluster)
  if (!holder) throw error
  throw new SlipwayError(
    'lease-held',
    `run ${run} is changing cluster ${cluster}: process ${holder.pid} on ${holder.host} is at it, approved by ${approved_by}`,
    {
      cause: error.cause,
      facts: { ...error.facts, host: holder.host, pid: holder.pid },
      remedy: `Follow it: slipway logs -f ${run}. End it: slipway cancel ${run}.`,
    },
  )
}
