import { type PinnedKey, renderKnownHosts } from '../hosts/hostKeys.ts'
import type { Sealer } from '../secrets/seal.ts'
import { type ClusterSecretName, clusterSecretPurpose, keepClusterSecret } from '../store/clusters.ts'
import { forgetHostKey, pinHostKey } from '../store/hostKeys.ts'
import type { Database, DatabaseTransaction } from '../store/tables.ts'

/** What planning has seen or made up that is to be stored with the desired state. */
export interface Learnt {
  /** Host keys that are not on record. */
  readonly hostKeys: readonly PinnedKey[]
  /** Hosts whose keys on record count no more. */
  readonly forgotten: readonly string[]
  /** Secrets for a cluster that has none of these names yet, in clear. */
  readonly secrets: readonly { readonly name: ClusterSecretName; readonly clear: string }[]
}

export const nothingLearnt: Learnt = { hostKeys: [], forgotten: [], secrets: [] }

/** Stores it in the transaction that puts the cluster on record; a secret that is there already stays. */
export async function keepLearnt(
  tx: DatabaseTransaction,
  sealer: Sealer,
  cluster: string,
  { hostKeys, forgotten, secrets }: Learnt,
): Promise<void> {
  for (const host of forgotten) await forgetHostKey(tx, cluster, host)
  await pinHostKeys(tx, cluster, hostKeys)
  for (const { name, clear } of secrets) await keepSecret(tx, sealer, cluster, name, clear)
}

/** Writes a secret that is not there yet, and returns the one that holds. */
export async function keepSecret(
  database: Database,
  sealer: Sealer,
  cluster: string,
  name: ClusterSecretName,
  clear: string,
): Promise<string> {
  const purpose = clusterSecretPurpose(cluster, name)
  return sealer.open(purpose, await keepClusterSecret(database, cluster, name, sealer.seal(purpose, clear)))
}

export async function pinHostKeys(database: Database, cluster: string, keys: readonly PinnedKey[]): Promise<void> {
  for (const [host, group] of Map.groupBy(keys, key => key.host))
    await pinHostKey(database, cluster, host, renderKnownHosts(group))
}
