import type { ClusterFormat } from '../../domain/clusterFile/format.ts'
import { storedStateRefused } from '../../domain/storedStateRefused.ts'
import { readCluster } from '../../store/clusters.ts'
import { listNodes, type NodeRecord } from '../../store/nodes.ts'
import type { Application } from '../application.ts'
import { page } from '../http/page.ts'
import type { Node, NodesQuery } from '../../contract/nodes.ts'
import { lastSeen, lastCompleted } from './standing.ts'

/** In the cluster file's order. @throws SlipwayError `not-found` when there is no such cluster, `stored-state-refused`. */
export async function listClusterNodes({ store, distributions }: Application, cluster: string, query: NodesQuery) {
  const { distribution } = await readCluster(store.database, cluster)
  const { format } = distributions.of({ distribution })
  const start = Number(query.after ?? 0)
  const after = Number.isSafeInteger(start) && start > 0 ? start : 0
  const [nodes, completed] = await Promise.all([
    listNodes(store.database, cluster, { after, limit: query.limit + 1, removed: query.removed }),
    lastCompleted(store.database, cluster),
  ])
  return page(
    nodes.map(node => shown(cluster, readNode(format, cluster, node), completed)),
    query.limit,
    () => String(after + query.limit),
  )
}

/** What an earlier version stored may be what is never shown now. @throws SlipwayError `stored-state-refused` */
function readNode({ node }: ClusterFormat, cluster: string, stored: NodeRecord): NodeRecord {
  const { hostname, internal_ip, role, node_vars } = stored
  const { error } = node.safeParse({ hostname, internal_ip, role, node_vars })
  if (!error) return stored
  throw storedStateRefused(cluster, error, `node ${hostname}`)
}

const shown = (cluster: string, node: NodeRecord, completed: string | null): Node => ({
  cluster,
  hostname: node.hostname,
  internal_ip: node.internal_ip,
  external_ip: node.external_ip,
  use_external_ip: node.use_external_ip,
  ansible_ip: node.ansible_ip,
  role: node.role,
  status: node.status,
  wanted: node.wanted,
  // Nobody watches the clusters yet.
  health: null,
  last_seen: lastSeen(node, completed),
  installed_version: node.installed_version,
  last_error: node.last_error,
  behind: node.behind && { ...node.behind },
  node_vars: node.node_vars,
  ssh: node.ssh,
  created: node.created,
  updated: node.updated,
  status_since: node.status_since,
})
