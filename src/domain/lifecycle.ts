import { SlipwayError } from './errors.ts'

export const nodeStatuses = ['pending', 'installing', 'active', 'failed', 'draining', 'removed'] as const
export type NodeStatus = (typeof nodeStatuses)[number]

export const nodeRoles = ['initial_master', 'master', 'worker'] as const
export type NodeRole = (typeof nodeRoles)[number]

export const installationStages = ['initial_master', 'joining_masters', 'workers', 'completed'] as const
export type InstallationStage = (typeof installationStages)[number]

/** What may happen to a node. The only place where the order of statuses is written down. */
export const nodeTransitions = [
  { from: 'pending', event: 'install', to: 'installing' },
  { from: 'pending', event: 'remove', to: 'removed' },
  { from: 'installing', event: 'ready', to: 'active' },
  { from: 'installing', event: 'fail', to: 'failed' },
  { from: 'installing', event: 'drain', to: 'draining' },
  { from: 'installing', event: 'remove', to: 'removed' },
  { from: 'active', event: 'install', to: 'installing' },
  { from: 'active', event: 'drain', to: 'draining' },
  { from: 'draining', event: 'cancel', to: 'active' },
  { from: 'draining', event: 'remove', to: 'removed' },
  { from: 'draining', event: 'fail', to: 'failed' },
  { from: 'failed', event: 'install', to: 'installing' },
  { from: 'failed', event: 'drain', to: 'draining' },
  { from: 'failed', event: 'remove', to: 'removed' },
  { from: 'removed', event: 'return', to: 'pending' },
] as const satisfies readonly { from: NodeStatus; event: string; to: NodeStatus }[]

export type NodeEvent = (typeof nodeTransitions)[number]['event']

/** How far a node is on its way out of the cluster, whatever it was before. */
export type Leaving = 'begun' | 'ended' | 'failed'

/** The events that bring a node there; none where it is there already, or never was more than a name. */
export function wayOut(from: NodeStatus, leaving: Leaving): readonly NodeEvent[] {
  switch (leaving) {
    case 'begun':
      return from === 'pending' || from === 'draining' || from === 'removed' ? [] : ['drain']
    case 'ended':
      if (from === 'removed') return []
      return from === 'active' ? ['drain', 'remove'] : ['remove']
    case 'failed':
      return from === 'draining' ? ['fail'] : []
  }
}

/** @throws SlipwayError `run-state` when the table has no such transition. */
export function nextNodeStatus(from: NodeStatus, event: NodeEvent): NodeStatus {
  const found = nodeTransitions.find(row => row.from === from && row.event === event)
  if (!found) throw new SlipwayError('run-state', `a node that is ${from} cannot ${event}`)
  return found.to
}

/** The fewest events that lead from one status to another; null where none do. */
export function nodeEventsBetween(from: NodeStatus, to: NodeStatus): readonly NodeEvent[] | null {
  const ways = new Map<NodeStatus, readonly NodeEvent[]>([[from, []]])
  // A map is walked in the order of its entries, also of those that come while it is walked: the nearest first.
  for (const [status, way] of ways)
    for (const row of nodeTransitions)
      if (row.from === status && !ways.has(row.to)) ways.set(row.to, [...way, row.event])
  return ways.get(to) ?? null
}
