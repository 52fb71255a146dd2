import { rolePrefix } from '../../kubernetes/nodeStanding.ts'
import type { Node } from '../../kubernetes/resources.ts'

const has = ({ metadata }: Node, name: string): boolean => Object.hasOwn(metadata.labels ?? {}, `${rolePrefix}${name}`)

/** Whether it holds a part of the control plane or of etcd. Older releases say `master`. */
export const isControlPlane = (node: Node): boolean => ['control-plane', 'master', 'etcd'].some(name => has(node, name))

/** Whether it holds a member of etcd; where no Node says so at all, etcd is elsewhere or not told of. */
export const isEtcd = (node: Node): boolean => has(node, 'etcd')
