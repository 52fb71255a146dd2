import type { NodeRole } from '../../../domain/lifecycle.ts'

/** What of a node says which groups it is in. Each field may be absent. */
export interface NodeInGroups {
  readonly role?: NodeRole | undefined
  readonly etcd?: boolean | undefined
  readonly schedulable?: boolean | undefined
}

const isServer = ({ role }: NodeInGroups): boolean => role !== undefined && role !== 'worker'

export const runsEtcd = (node: NodeInGroups): boolean => node.etcd ?? isServer(node)

/** Whether pods are put on it: a server takes some where nobody else does. */
export const takesPods = (node: NodeInGroups, all: readonly NodeInGroups[]): boolean =>
  node.role === 'worker' || (node.schedulable ?? !all.some(({ role }) => role === 'worker'))

/** Kubespray's groups that a node is in. `k8s_cluster` is computed by its playbooks. */
export const groupsOf = (node: NodeInGroups, all: readonly NodeInGroups[]): string[] => [
  ...(isServer(node) ? ['kube_control_plane'] : []),
  ...(runsEtcd(node) ? ['etcd'] : []),
  ...(takesPods(node, all) ? ['kube_node'] : []),
]
