import type { ClusterFile } from '../../domain/cluster.ts'
import type { SnapshotReport } from '../../domain/snapshots.ts'

/** Asks these servers of a stored cluster for their snapshots; reads only. */
export type FindSnapshots = (
  desired: ClusterFile,
  servers: readonly string[],
  signal: AbortSignal,
) => Promise<SnapshotReport>
