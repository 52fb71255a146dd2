import type { InventoryRoles } from '../ansible/inventory.ts'
import type { ClusterSession, SessionOf } from '../clusters/session.ts'
import type { ClusterFile, ClusterSpec } from '../domain/cluster.ts'
import type { Finding } from '../domain/errors.ts'
import type { RecordedCluster } from '../domain/recordedCluster.ts'
import type { SnapshotReport } from '../domain/snapshots.ts'
import type { StageKind, StageRequest } from '../engine/contract/stage.ts'

/** What can be asked for a cluster. `apply` computes the difference; the others name what is to be done. */
export type Operation = 'apply'

/** What a pipeline is made from: nothing that has to be looked up. */
export interface OperationContext {
  readonly cluster: string
  readonly desired: ClusterSpec
  /** Null: the cluster was never applied. */
  readonly recorded: RecordedCluster | null
  /** Names of warnings that the user accepted. */
  readonly accepted: readonly string[]
}

/** The stages of an operation, and what stands in its way that is no matter of one stage. */
export interface Pipeline {
  readonly stages: readonly StageRequest[]
  readonly findings: readonly Finding[]
}

/** What the rest of Slipway knows of a way to make Kubernetes clusters of machines. */
export interface Distribution {
  /** As `spec.distribution` of a cluster file names it. */
  readonly name: string
  readonly inventory: InventoryRoles
  /** The code of its stages, over the sessions that they find by their cluster's name. */
  stages(sessionOf: SessionOf): readonly StageKind[]
  /** Pure. An operation that is missing is not supported. */
  readonly operations: Readonly<Partial<Record<Operation, (context: OperationContext) => Pipeline>>>
  /**
   * Looks for snapshots of the cluster's data on these servers; reads only. Missing: it takes none.
   * @param servers hostnames of servers that are installed.
   */
  lookForSnapshots?(
    session: ClusterSession,
    desired: ClusterFile,
    servers: readonly string[],
    signal: AbortSignal,
  ): Promise<SnapshotReport>
}
