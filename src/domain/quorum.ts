/** Whether etcd keeps its majority, counted over all voters: a failed one still counts as a member (RKE2's and etcd's rule). */
export interface QuorumSum {
  readonly voters: number
  /** Healthy voters that stay up. */
  readonly healthy: number
  /** How many are needed. */
  readonly needed: number
  readonly kept: boolean
}

/** The sum while `down` is stopped. Voters by name, with their health. */
export function quorumWithout(voters: ReadonlyMap<string, boolean>, down: string): QuorumSum {
  const healthy = [...voters].filter(([name, isHealthy]) => isHealthy && name !== down).length
  const needed = Math.floor(voters.size / 2) + 1
  return { voters: voters.size, healthy, needed, kept: healthy >= needed }
}
