import type { AdoptedConfiguration } from '../../domain/adoptedConfiguration.ts'
import type { ClusterFile, ClusterSpec } from '../../domain/cluster.ts'
import { parseKnownHosts, type PinnedKey } from '../../hosts/hostKeys.ts'
import { clusterSecretPurpose, readCluster, readClusterSecret, readDesiredState } from '../../store/clusters.ts'
import { readAdopted, readDiscovery } from '../../store/discovery.ts'
import { listHostKeys } from '../../store/hostKeys.ts'
import { listNodes, type NodeRecord } from '../../store/nodes.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Application } from '../application.ts'

/** A cluster that is on record, as a discovery is compared with it. Secrets are in clear. */
export interface Known {
  readonly type: 'managed' | 'registered'
  /** uid of its namespace kube-system; null: it was never discovered. */
  readonly uid: string | null
  readonly ca_hash: string | null
  readonly etcd_cluster: string | null
  readonly desired_version: number
  readonly desired: ClusterFile
  readonly spec: ClusterSpec
  readonly nodes: readonly NodeRecord[]
  readonly files: Readonly<Record<string, string>>
  readonly hostKeys: readonly PinnedKey[]
  readonly adopted: ReadonlyMap<string, AdoptedConfiguration>
  readonly kubeconfig: string | null
  readonly token: string | null
}

/** Null when there is no such cluster. @throws SlipwayError `stored-state-refused`. */
export async function readKnown({ store, sealer, distributions }: Application, name: string): Promise<Known | null> {
  const { database } = store
  const discovery = await readDiscovery(database, name)
  if (discovery === null) return null
  const secret = async (which: 'kubeconfig' | 'token') => {
    const sealed = await readClusterSecret(database, name, which)
    return sealed === null ? null : sealer.open(clusterSecretPurpose(name, which), sealed)
  }
  const [cluster, stored, nodes, keys, adopted, kubeconfig, token] = await Promise.all([
    readCluster(database, name),
    readDesiredState(database, name),
    listNodes(database, name),
    listHostKeys(database, name),
    readAdopted(database, name),
    secret('kubeconfig'),
    secret('token'),
  ])
  const desired = distributions.read(stored)
  return {
    ...discovery,
    etcd_cluster: cluster.bootstrap.etcd_cluster,
    desired_version: cluster.desired_version,
    desired,
    spec: desired.spec,
    nodes,
    files: await readStoredFiles(database, sealer, name, distributions.keyFilesOf(desired.spec)),
    hostKeys: keys.flatMap(({ key_lines }) => parseKnownHosts(key_lines)),
    adopted,
    kubeconfig,
    token,
  }
}
