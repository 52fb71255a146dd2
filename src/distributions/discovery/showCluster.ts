import { SlipwayError } from '../../domain/errors.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { configMaps, namespaces, nodes } from '../../kubernetes/resources.ts'
import type { ShownCluster } from './foundCluster.ts'
import { foundNodes } from './foundNodes.ts'
import { kindOf } from './kind.ts'

const system = 'kube-system'

/**
 * Looks at a cluster over its API, page by page; nothing is changed there.
 * @param first hostname of the server that is on record as the first one
 * @throws SlipwayError as `ClusterClient` says; `nothing-to-record` for a cluster without Nodes, or of which none can be put on record.
 */
export async function showCluster(
  client: ClusterClient,
  first: string | null,
  signal: AbortSignal,
): Promise<ShownCluster> {
  const [version, namespace, kubeadm, all] = await Promise.all([
    client.version({ signal }),
    client.get(namespaces, { name: system }, { signal }),
    kubeadmConfiguration(client, signal),
    Array.fromAsync(client.list(nodes, {}, { signal })),
  ])
  if (namespace === null)
    throw new SlipwayError('api-reply-invalid', `the API has no namespace ${system}: no cluster is without it`)
  const found = foundNodes(all, first)
  const [oldest] = found.nodes
  if (!oldest)
    throw new SlipwayError('nothing-to-record', 'the API shows no Node that could be put on record', {
      findings: found.findings,
    })
  const kind = kindOf({ nodes: all, version, kubeadm })
  return {
    kind,
    // An API server in front of other servers' may be of another build than what runs on the machines.
    version: oldest.role === 'worker' ? version : oldest.version,
    uid: namespace.metadata.uid,
    ...found,
  }
}

/** Null: there is none, or it may not be read. Whatever else is wrong the other questions are told as well. */
async function kubeadmConfiguration(client: ClusterClient, signal: AbortSignal): Promise<string | null> {
  try {
    const found = await client.get(configMaps, { namespace: system, name: 'kubeadm-config' }, { signal })
    return found ? (found.data?.['ClusterConfiguration'] ?? '') : null
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'api-forbidden') return null
    throw error
  }
}
