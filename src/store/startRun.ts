import type { ClusterFile } from '../domain/cluster.ts'
import type { DomainChange } from '../domain/changes.ts'
import { applyChanges } from './applyChanges.ts'
import { activeRun, insertRun, lockSubject, refuseActiveRun, type RunApproval } from './createRun.ts'
import { applyInside, namingClashes } from './desiredState.ts'
import type { Database, DatabaseTransaction } from './tables.ts'
import { transaction } from './transaction.ts'
import type { Plan } from '../contract/plan.ts'

export interface StartOfRun {
  readonly desired: ClusterFile
  /** The cluster file as it was written, with which the next one is compared; null: the one of before stays. */
  readonly written: ClusterFile | null
  /** Version of the stored desired state that the plan was made on; 0: there was none. */
  readonly storedVersion: number
  /** Of `desired`; the caller has checked that nothing in it blocks. */
  readonly plan: Plan
  readonly approval: RunApproval
  /** Nodes that the run takes out of the cluster. */
  readonly leaving?: readonly string[]
  /** What the plan has seen of the nodes; written where the plan has nothing to do, and no run is at them. */
  readonly records?: readonly DomainChange[]
  /** Stores what belongs to the desired state (secrets, host keys), when that is on record. */
  keep(tx: DatabaseTransaction): Promise<void>
}

/**
 * Makes a draft the desired state and creates the run of its plan, all or nothing. Who comes at the same moment, over
 * whichever server, waits, and then finds this run. Returns null when the plan has nothing to do.
 * @throws SlipwayError `lease-held` when a run of the subject is under way, `plan-changed` when the desired state has
 * moved, `cluster-conflict` when another cluster has taken an address.
 */
export function startRun(database: Database, start: StartOfRun): Promise<string | null> {
  const { desired, plan } = start
  return namingClashes(database, desired, () =>
    transaction(database, async tx => {
      await lockSubject(tx, plan.subject)
      if (plan.has_changes) await refuseActiveRun(tx, plan.subject)
      const leaving = (plan.has_changes && start.leaving) || []
      await applyInside(tx, desired, { written: start.written, expectedVersion: start.storedVersion, leaving })
      await start.keep(tx)
      if (!plan.has_changes && start.records?.length && (await activeRun(tx, plan.subject)) === null)
        await applyChanges(tx, plan.subject, start.records, `plan ${plan.hash}`)
      return plan.has_changes ? insertRun(tx, plan, start.approval) : null
    }),
  )
}
