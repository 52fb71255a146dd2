import { type Inventory, type InventoryCluster, type InventoryRoles, renderInventory } from '../../ansible/inventory.ts'
import type { NodeSpec } from '../../domain/cluster.ts'

const nodeRole = { initial_master: 'initial_master', master: 'joining_master', worker: 'worker' } as const
const groupOf = { initial_master: 'initial_master', master: 'joining_masters', worker: 'workers' } as const

/** The groups and host variables that the playbooks know; `new_nodes` is filled by `renderForScaleAdd` alone. */
export const inventoryRoles: InventoryRoles = {
  groups: ['initial_master', 'joining_masters', 'workers', 'new_nodes'],
  parents: { masters: ['initial_master', 'joining_masters'], rke2_cluster: ['masters', 'workers'] },
  groupsOf: ({ role }) => [groupOf[role]],
  variables: ({ role }) => ({ node_role: nodeRole[role], rke2_type: role === 'worker' ? 'agent' : 'server' }),
}

/** New hosts in `new_nodes` and in their roles' groups, plus the servers they join through. */
export function renderForScaleAdd(cluster: InventoryCluster, newNodes: readonly NodeSpec[]): Inventory {
  const names = new Set(newNodes.map(node => node.hostname))
  const servers = cluster.nodes.filter(node => node.role !== 'worker' && !names.has(node.hostname))
  const roles: InventoryRoles = {
    ...inventoryRoles,
    groupsOf: node => [...inventoryRoles.groupsOf(node), ...(names.has(node.hostname) ? ['new_nodes'] : [])],
  }
  return renderInventory(roles, cluster, newNodes, servers)
}
