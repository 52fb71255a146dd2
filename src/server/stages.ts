import type { FindSnapshots } from '../api/clusters/findSnapshots.ts'
import type { Planning } from '../api/plans/draft.ts'
import type { Distributions } from '../distributions/distributions.ts'
import type { EnginePorts } from '../engine/contract/ports.ts'
import type { Registry } from '../engine/contract/registry.ts'
import type { Connections } from '../hosts/connections.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Store } from '../store/openStore.ts'

/** What stages are made over, in one process. */
export interface StageSurroundings {
  readonly store: Store
  readonly sealer: Sealer
  readonly connections: Connections
  /** Private folder in memory; emptied also after a crash. */
  readonly directory: string
  /** Marker of this process for its children. */
  readonly environment: Readonly<Record<string, string>>
  /** Told every secret that is opened, so that no log shows it. */
  learn(secret: string): void
}

/** The stages this process has code for, over stored clusters and over drafts. */
export interface OpenStages extends Pick<EnginePorts, 'onTakeover'> {
  readonly distributions: Distributions
  readonly registry: Registry
  readonly planning: Planning
  readonly findSnapshots: FindSnapshots
  close(): Promise<void>
}

export type StagesOf = (surroundings: StageSurroundings) => OpenStages
