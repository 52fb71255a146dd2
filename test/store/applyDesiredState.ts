import type { ClusterFile } from '../../src/domain/cluster.ts'
import { type AppliedState, applyInside, type ApplyOptions, namingClashes } from '../../src/store/desiredState.ts'
import type { Database } from '../../src/store/tables.ts'
import { transaction } from '../../src/store/transaction.ts'

/** Makes `desired` the cluster's desired state, in a transaction of its own. */
export const applyDesiredState = (
  database: Database,
  desired: ClusterFile,
  options: ApplyOptions = {},
): Promise<AppliedState> =>
  namingClashes(database, desired, () => transaction(database, tx => applyInside(tx, desired, options)))
