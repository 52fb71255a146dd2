import type { KeyFile } from '../../domain/clusterFile/keyFiles.ts'
import type { Provider } from '../../machines/contract.ts'
import type { MachineOperation } from '../../machines/pipeline.ts'
import type { MachineSpec } from '../../machines/spec.ts'
import type { MachineRecord } from '../../store/machines.ts'

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
}
