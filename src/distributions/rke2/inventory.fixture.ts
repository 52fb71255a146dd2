import { type Inventory, type InventoryRoles, renderInventory } from '../../ansible/inventory.ts'
import type { ClusterSpec, NodeSpec } from '../../domain/cluster.ts'
import { inventoryRoles } from './inventory.ts'

/** As much of a cluster as an inventory needs. */
type InventoryCluster = Pick<ClusterSpec, 'nodes' | 'ssh'>

export type InventoryStage = 'initial_master' | 'joining_masters' | 'workers' | 'all'

/** The hosts of one installation stage; `nodes` narrows it to some of them. */
export const renderForStage = (
  cluster: InventoryCluster,
  stage: InventoryStage,
  nodes: readonly NodeSpec[] = cluster.nodes,
): Inventory =>
  renderInventory(
    inventoryRoles,
    cluster,
    nodes.filter(node => stage === 'all' || inventoryRoles.groupsOf(node, [node]).includes(stage)),
  )

/** New hosts in `new_nodes` and in their roles' groups, plus the servers they join through. */
export function renderForScaleAdd(cluster: InventoryCluster, newNodes: readonly NodeSpec[]): Inventory {
  const names = new Set(newNodes.map(node => node.hostname))
  const servers = cluster.nodes.filter(node => node.role !== 'worker' && !names.has(node.hostname))
  const roles: InventoryRoles = {
    ...inventoryRoles,
    groupsOf: node => [...inventoryRoles.groupsOf(node, [node]), ...(names.has(node.hostname) ? ['new_nodes'] : [])],
  }
  return renderInventory(roles, cluster, newNodes, servers)
}
