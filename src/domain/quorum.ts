/** Whether etcd keeps its majority, counted over all voters: a failed one still counts as a member (RKE2's and etcd's rule). */
export interface QuorumSum {
  readonly voters: number
  /** Healthy voters that stay up. */
  readonly healthy: number
  /** How many are needed. */
  readonly needed: number
  readonly kept: boolean
}

/** A member of etcd as the member list and the member itself show it. */
export interface EtcdMember {
  readonly id: string
  readonly learner: boolean
  /** It answers, as a member of the same cluster. */
  readonly healthy: boolean
}

/**
 * Voters by the id of their member, with their health. Learners do not vote yet; a member votes whether it has a Node
 * or not, and also while it is down. A Node without a member votes for nothing, whatever its conditions say.
 */
export const votersOf = (members: readonly EtcdMember[]): ReadonlyMap<string, boolean> =>
  new Map(members.flatMap(({ id, learner, healthy }) => (learner ? [] : [[id, healthy] as const])))

/** The sum while `down` is stopped. Voters by id, with their health. */
export function quorumWithout(voters: ReadonlyMap<string, boolean>, down: string): QuorumSum {
  const healthy = [...voters].filter(([id, isHealthy]) => isHealthy && id !== down).length
  const needed = Math.floor(voters.size / 2) + 1
  return { voters: voters.size, healthy, needed, kept: healthy >= needed }
}

/** What etcd would be without a member that is removed for good. */
export interface RemovalSum {
  /** As it is: the removal has to be agreed on by a majority of all that vote now. */
  readonly now: QuorumSum
  readonly after: QuorumSum
  /** Null: it may be removed. */
  readonly refused: 'last' | 'no-majority-now' | 'no-majority-after' | null
}

/**
 * Whether a voter may be removed: a dead one of three, and not a healthy one beside a dead one. The last one never. Voters by
 * id, with their health.
 */
export function removalOf(voters: ReadonlyMap<string, boolean>, leaving: string): RemovalSum {
  const left = new Map([...voters].filter(([id]) => id !== leaving))
  const now = quorumWithout(voters, '')
  const after = quorumWithout(left, '')
  const refused = left.size === 0 ? 'last' : now.kept ? (after.kept ? null : 'no-majority-after') : 'no-majority-now'
  return { now, after, refused }
}
