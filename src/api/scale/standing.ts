import type { Scale } from '../../contract/scale.ts'
import { isServer } from '../../domain/cluster.ts'
import { wasMember } from '../../domain/recordedCluster.ts'
import type { NodeRecord } from '../../store/nodes.ts'

/** What the scale of a cluster is made of. */
export type ScaledNode = Pick<NodeRecord, 'hostname' | 'role' | 'status' | 'wanted' | 'installed_version' | 'behind'>

/** How large a cluster is by its records, and what is moving. Pure. */
export function standingOf(nodes: readonly ScaledNode[]): Omit<Scale, 'cluster' | 'run'> {
  const counts = (role: NodeRecord['role']) => {
    const standings = nodes.filter(node => node.role === role).map(node => (node.behind ? 'behind' : node.status))
    return Object.fromEntries(
      [...new Set(standings)].map(one => [one, standings.filter(other => other === one).length]),
    )
  }
  const servers = nodes.filter(node => isServer(node) && wasMember(node))
  const active = servers.filter(({ status, behind }) => status === 'active' && behind === null).length
  const needed = Math.floor(servers.length / 2) + 1
  return {
    nodes: { initial_master: counts('initial_master'), master: counts('master'), worker: counts('worker') },
    servers: { on_record: servers.length, active, needed, may_fail: Math.max(0, active - needed) },
    joining: nodes.filter(node => node.wanted && !wasMember(node)).map(({ hostname }) => hostname),
    leaving: nodes.filter(node => !node.wanted && wasMember(node)).map(({ hostname }) => hostname),
  }
}
