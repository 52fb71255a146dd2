import type { ClusterFile } from '../../domain/cluster.ts'
import type { Registry } from '../../engine/contract/registry.ts'
import type { StageRequest } from '../../engine/contract/stage.ts'
import type { DatabaseTransaction } from '../../store/tables.ts'

/** A desired state that may not be stored yet, with the secrets it names. */
export interface Draft {
  readonly desired: ClusterFile
  /** Contents of the key files, by the path as the cluster file writes it. */
  readonly files: Readonly<Record<string, string>>
  /** Names of warnings that are accepted; sorted, each once. */
  readonly accepted: readonly string[]
}

/** How a draft becomes stages that can be looked at. Nothing is stored by it. */
export interface Planning {
  open(draft: Draft): Promise<OpenDraft>
}

export interface OpenDraft {
  readonly requests: readonly StageRequest[]
  readonly registry: Registry
  /** Removes what was written for this draft (keys in memory files); connections stay warm. */
  close(): Promise<void>
  /** Whether host keys were learnt that are not stored yet. */
  hasLearnt(): Promise<boolean>
  /** Stores what was learnt or made up while planning (first host keys, a token), with the cluster. */
  keep(tx: DatabaseTransaction): Promise<void>
}
