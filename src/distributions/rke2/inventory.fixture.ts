import { type Inventory, type InventoryCluster, renderInventory } from '../../ansible/inventory.ts'
import type { NodeSpec } from '../../domain/cluster.ts'
import { inventoryRoles } from './inventory.ts'

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
    nodes.filter(node => stage === 'all' || inventoryRoles.groupsOf(node).includes(stage)),
  )
