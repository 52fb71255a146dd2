import type { Node } from '../../kubernetes/resources.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { ClusterArguments } from './arguments.ts'
import type { Note } from './note.ts'
import { type ObservedCluster, reached } from './observeCluster.ts'

/** Of a cluster that is there: what the file asks for that this version does not do yet, and whose it is. Pure. */
export function formedFindings(
  { hosts, bootstrap, api }: ObservedCluster,
  cluster: ClusterArguments,
  notes: { readonly noted: Note | null; readonly wanted: Note },
): Unmet[] {
  const strangers = reached(hosts).flatMap(({ node, facts }): Unmet[] => {
    const { ca_hash } = facts.kubernetes
    if (ca_hash === null || ca_hash === bootstrap.ca_hash) return []
    const message = 'the CA that lies on it is not that of the cluster on record'
    return [
      {
        name: 'wrong-cluster',
        severity: 'error',
        about: `node ${node.hostname}`,
        message,
        remedy: 'Use another machine, or put the right disk back.',
      },
    ]
  })
  if (api.error) {
    const { code, message, remedy } = api.error
    return [...strangers, { name: code, severity: 'error', about: 'the API of the cluster', message, remedy }]
  }
  return [...strangers, ...unsupported(api.nodes, cluster, notes)]
}

function unsupported(
  nodes: readonly Node[],
  cluster: ClusterArguments,
  { noted, wanted }: { readonly noted: Note | null; readonly wanted: Note },
): Unmet[] {
  const byName = new Map(nodes.map(node => [node.metadata.name, node]))
  const finding = (about: string, message: string, remedy: string): Unmet => ({
    name: 'operation-unsupported',
    severity: 'error',
    about,
    message,
    remedy,
  })
  const isOther = (key: string) => noted?.[key] !== undefined && noted[key] !== wanted[key]
  const ofNodes = cluster.nodes.flatMap(({ hostname }): Unmet[] => {
    const node = byName.get(hostname)
    if (!node)
      return [
        finding(
          `node ${hostname}`,
          'it is no member of the cluster, and this version adds no node to a cluster of Kubespray yet',
          'Take it out of the file.',
        ),
      ]
    const version = node.status?.nodeInfo?.kubeletVersion ?? 'no version'
    if (version !== `v${cluster.version}`)
      return [
        finding(
          `node ${hostname}`,
          `it runs ${version}, and the file says ${cluster.version}: this version upgrades no cluster of Kubespray yet`,
          `Set version back to what the nodes run.`,
        ),
      ]
    return isOther(`node.${hostname}`)
      ? [
          finding(
            `node ${hostname}`,
            'its role, address or variables are others than those that the cluster was made with, and this version changes none yet',
            'Set them back.',
          ),
        ]
      : []
  })
  return isOther('cluster')
    ? [
        ...ofNodes,
        finding(
          'spec.cluster_vars',
          'variables, proxy, endpoint or encryption are others than those that the cluster was made with, and this version changes none yet',
          'Set them back; `slipway export` shows what is on record.',
        ),
      ]
    : ofNodes
}
