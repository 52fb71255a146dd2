import type { SessionSurroundings } from '../clusters/openSession.ts'
import type { FindSnapshots } from '../api/clusters/findSnapshots.ts'
import type { Planning } from '../api/plans/draft.ts'
import type { Application } from '../api/application.ts'
import type { LookAtCluster } from '../distributions/discovery/foundCluster.ts'
import type { Distributions } from '../distributions/distributions.ts'
import type { EnginePorts } from '../engine/contract/ports.ts'
import type { Registry } from '../engine/contract/registry.ts'
import type { Store } from '../store/openStore.ts'

/** What stages are made over, in one process. */
export interface StageSurroundings
  extends Pick<SessionSurroundings, 'sealer' | 'connections' | 'directory' | 'environment' | 'learn'> {
  readonly store: Store
}

/** The stages this process has code for, over stored clusters and over drafts. */
export interface OpenStages extends Pick<EnginePorts, 'onTakeover'> {
  readonly distributions: Distributions
  readonly registry: Registry
  readonly planning: Planning
  readonly machines: Application['machines']
  readonly findSnapshots: FindSnapshots
  readonly lookAtCluster: LookAtCluster
  close(): Promise<void>
}

export type StagesOf = (surroundings: StageSurroundings) => OpenStages
