import { isDead } from '../../processes/workerIdentity.ts'
import type { RunRecord } from '../../engine/records.ts'
import { leaseHolder } from '../../store/leases.ts'
import type { Database } from '../../store/tables.ts'

/**
 * Whether a living worker has the run in its hands. A run that is `running` on record goes on with the next server when
 * its own has ended; until then nobody may think that something happens.
 */
export async function isExecuted(database: Database, run: Pick<RunRecord, 'cluster' | 'status'>): Promise<boolean> {
  if (run.status !== 'running') return false
  const holder = await leaseHolder(database, run.cluster)
  return holder !== null && !isDead(holder)
}
