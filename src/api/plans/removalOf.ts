import type { AskedRemoval, Removal } from '../../contract/operations.ts'
import type { RecordedCluster } from '../../domain/recordedCluster.ts'

/**
 * Who is to leave: the nodes that are named, in their order, then, where that was asked for, every other node on record
 * that the desired state does not name, in its order. Null: nobody. Pure.
 */
export function removalOf(
  { nodes, prune, ...eviction }: AskedRemoval,
  desired: { readonly nodes: readonly { readonly hostname: string }[] },
  recorded: Pick<RecordedCluster, 'nodes'> | null,
): Removal | null {
  const stays = new Set([...desired.nodes.map(({ hostname }) => hostname), ...nodes])
  const others = prune ? (recorded?.nodes ?? []).filter(({ hostname }) => !stays.has(hostname)) : []
  const leaving = [...nodes, ...others.map(({ hostname }) => hostname)]
  return leaving.length === 0 ? null : { nodes: leaving, returning: [], ...eviction }
}
