import type { Plan } from '../contract/plan.ts'
import { insertRun, lockSubject, refuseActiveRun, type RunApproval } from './createRun.ts'
import { type MachineRecord, putMachine } from './machines.ts'
import type { Database, DatabaseTransaction } from './tables.ts'
import { transaction } from './transaction.ts'

export interface StartOfMachineRun {
  readonly plan: Plan
  readonly approval: RunApproval
  /** The machine as it is to be on record; null: it stays as it is. */
  readonly machine: Pick<MachineRecord, 'name' | 'uid' | 'provider' | 'spec'> | null
  /** Stores what belongs to its settings. */
  keep(tx: DatabaseTransaction): Promise<void>
}

/**
 * Puts a machine on record and creates the run of its plan, all or nothing. Null: the plan has nothing to do.
 * @throws SlipwayError `lease-held` while a run of it is under way, `plan-changed` when it has moved since it was planned.
 */
export function startMachineRun(
  database: Database,
  { plan, approval, machine, keep }: StartOfMachineRun,
): Promise<string | null> {
  return transaction(database, async tx => {
    await lockSubject(tx, plan.subject)
    if (plan.has_changes) await refuseActiveRun(tx, plan.subject)
    if (machine !== null) await putMachine(tx, machine)
    await keep(tx)
    return plan.has_changes ? insertRun(tx, plan, approval) : null
  })
}
