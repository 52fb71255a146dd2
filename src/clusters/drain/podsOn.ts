import type { StageContext } from '../../engine/contract/stage.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import {
  daemonSets,
  type Node,
  nodes,
  type Pod,
  type PodDisruptionBudget,
  podDisruptionBudgets,
  pods,
} from '../../kubernetes/resources.ts'

/** A node and what runs on it, as the API shows it. */
export interface PodsOnNode {
  /** Null: the cluster has no such Node. */
  readonly node: Node | null
  readonly pods: readonly Pod[]
  /** uids of the DaemonSets that there are. */
  readonly daemonSets: ReadonlySet<string>
  readonly budgets: readonly PodDisruptionBudget[]
}

/** What is the same for all nodes is looked at once for all drains of a plan; each drain makes that stale. */
export const sharedLooks = 'api/drain/'

export async function podsOn(
  client: ClusterClient,
  hostname: string,
  { signal, observations }: Pick<StageContext, 'signal' | 'observations'>,
): Promise<PodsOnNode> {
  const [node, found, daemons, budgets] = await Promise.all([
    client.get(nodes, { name: hostname }, { signal }),
    client.snapshot(pods, { fieldSelector: `spec.nodeName=${hostname}` }, { signal }),
    observations.read(`${sharedLooks}daemon-sets`, () => client.snapshot(daemonSets, {}, { signal })),
    observations.read(`${sharedLooks}budgets`, () => client.snapshot(podDisruptionBudgets, {}, { signal })),
  ])
  return {
    node,
    pods: found.items,
    daemonSets: new Set(daemons.items.map(({ metadata }) => metadata.uid)),
    budgets: budgets.items,
  }
}
