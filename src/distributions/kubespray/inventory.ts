import { z } from 'zod'
import type { InventoryRoles } from '../../ansible/inventory.ts'
import { primaryAddress, type NodeSpec } from '../../domain/cluster.ts'
import { nodeRoles } from '../../domain/lifecycle.ts'
import { groupsOf } from './spec/roles.ts'

const inGroups = z.looseObject({
  role: z.enum(nodeRoles),
  etcd: z.boolean().optional(),
  schedulable: z.boolean().optional(),
})
const read = (node: NodeSpec) => inGroups.parse(node)

/**
 * Kubespray's groups, and what it is told of each host. Where a member of etcd gets its name from its place in the
 * inventory, one that has left would rename the others: each is told its own.
 * @param memberNames `etcd1` by hostname.
 */
export const rolesWith = (memberNames: ReadonlyMap<string, string>): InventoryRoles => ({
  groups: ['kube_control_plane', 'etcd', 'kube_node'],
  parents: {},
  groupsOf: (node, all) => groupsOf(read(node), all.map(read)),
  variables(node) {
    const address = primaryAddress(node)
    const name = memberNames.get(node.hostname)
    return { ip: address, access_ip: address, ...(name !== undefined && { etcd_member_name: name }) }
  },
})
