import type { InventoryRoles } from '../../ansible/inventory.ts'

const nodeRole = { initial_master: 'initial_master', master: 'joining_master', worker: 'worker' } as const
const groupOf = { initial_master: 'initial_master', master: 'joining_masters', worker: 'workers' } as const

/** The groups and host variables that the playbooks know; `new_nodes` is filled where nodes are added. */
export const inventoryRoles: InventoryRoles = {
  groups: ['initial_master', 'joining_masters', 'workers', 'new_nodes'],
  parents: { masters: ['initial_master', 'joining_masters'], rke2_cluster: ['masters', 'workers'] },
  groupsOf: ({ role }) => [groupOf[role]],
  variables: ({ role }) => ({ node_role: nodeRole[role], rke2_type: role === 'worker' ? 'agent' : 'server' }),
}
