import type { Plan } from '../../contract/plan.ts'
import type { KeyFile } from '../../domain/clusterFile/keyFiles.ts'
import type { Provider } from '../../machines/contract.ts'
import type { MachineOperation } from '../../machines/pipeline.ts'
import type { MachineUse } from '../../machines/session.ts'
import { type MachineSpec, writtenSpec } from '../../machines/spec.ts'
import type { MachineRecord } from '../../store/machines.ts'
import { type PlannedDrafts, plannedDraftsOf } from '../plans/plannedDrafts.ts'

/** What is to become of a machine, with the files that its settings name. */
export interface MachineDraft {
  readonly name: string
  readonly operation: MachineOperation
  readonly spec: MachineSpec
  readonly provider: Provider
  readonly keyFiles: readonly KeyFile[]
  readonly files: Readonly<Record<string, string>>
  /** Names of warnings that are accepted; sorted, each once. */
  readonly accepted: readonly string[]
  /** Null: it is not on record. */
  readonly record: MachineRecord | null
  /** It is stored with other settings than it has. */
  readonly changed: boolean
  /** How often it was worked on: with each time its state may be another one, and its next uid is. */
  readonly turns: number
  readonly use: MachineUse | null
}

/** A plan with what it was made of. */
export interface PlannedMachine {
  readonly draft: MachineDraft
  readonly plan: Plan
}

/** Plans of machines that were shown, each for as long as the record and the settings are those that it was made of. */
export const createPlannedMachines = (): PlannedDrafts<PlannedMachine> =>
  plannedDraftsOf(
    ({ provider: _code, keyFiles: _named, spec, ...draft }) => ({ ...draft, spec: writtenSpec(spec) }),
    1000,
  )
