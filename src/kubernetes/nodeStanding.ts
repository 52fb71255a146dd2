import type { Node } from './resources.ts'

/** Labels that begin so name the roles of a Node. */
export const rolePrefix = 'node-role.kubernetes.io/'

export type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number]

/** What its kubelet, or whoever misses it, says of whether it is ready; undefined: nobody has said so yet. */
export const readyCondition = ({ status }: Pick<Node, 'status'>): NodeCondition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready')

export const isReady = (node: Pick<Node, 'status'>): boolean => readyCondition(node)?.status === 'True'
