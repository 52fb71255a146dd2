import { withClusterApi } from '../../clusters/clusterApi.ts'
import type { ClusterSession } from '../../clusters/session.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import { configMaps } from '../../kubernetes/resources.ts'
import { keyedHash } from '../../secrets/seal.ts'
import type { ClusterArguments, NodeArguments } from './arguments.ts'

/**
 * What a cluster was made with, as keyed hashes in an object of its own: Kubespray leaves nothing behind by which its
 * variables could be read back. `cluster` is of what all nodes have in common, `node.NAME` of what one has besides.
 */
export type Note = Readonly<Record<string, string>>

const place = { namespace: 'kube-system', name: 'slipway-kubespray' }

/** What would be noted of this desired state. */
export async function noteOf(session: ClusterSession, cluster: ClusterArguments): Promise<Note> {
  const { cluster_vars = {}, proxy = {}, api_endpoint = null, kubespray } = cluster
  const { secret_vars, secrets_encryption = 'secretbox' } = kubespray
  const secrets = secret_vars === undefined ? null : await session.file(secret_vars)
  const hash = (value: unknown) => keyedHash(session.hashKey, JSON.stringify(inKeyOrder(value))).slice(0, 32)
  return {
    cluster: hash({ cluster_vars, proxy, api_endpoint, secrets_encryption, secrets }),
    ...Object.fromEntries(cluster.nodes.map(node => [`node.${node.hostname}`, hash(ofNode(node))])),
  }
}

const ofNode = ({ role, internal_ip, etcd, schedulable, node_vars = {} }: NodeArguments) => ({
  // Which of the servers is the first one is a matter of the file.
  server: role !== 'worker',
  internal_ip,
  etcd: etcd ?? null,
  schedulable: schedulable ?? null,
  node_vars,
})

/** The same whatever the order in which keys are written, or were stored. */
function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, inKeyOrder(inner)]),
  )
}

/** What is noted; null: nothing is. @throws as `withClusterApi`. */
export const readNote = (
  session: ClusterSession,
  { observations, signal }: Pick<StageContext, 'observations' | 'signal'>,
): Promise<Note | null> =>
  observations.read('api/kubespray-note', () =>
    withClusterApi(session, signal, async client => (await client.get(configMaps, place, { signal }))?.data ?? null),
  )

/** Nodes that are gone go out of it. */
export async function writeNote(session: ClusterSession, note: Note, signal: AbortSignal): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: place, data: note }
  await withClusterApi(session, signal, client => client.apply(configMaps, object, { signal, force: true }))
}
