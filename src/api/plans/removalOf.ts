import type { AskedRemoval, Removal } from '../../contract/operations.ts'
import { type RecordedCluster, wasMember } from '../../domain/recordedCluster.ts'

/**
 * Who is to leave: the nodes that are named, in their order, then, where that was asked for, every other member that the
 * desired state does not name, in the order of the record. Null: nobody. Pure.
 */
export function removalOf(
  { nodes, prune, ...eviction }: AskedRemoval,
  desired: { readonly nodes: readonly { readonly hostname: string }[] },
  recorded: Pick<RecordedCluster, 'nodes'> | null,
): Removal | null {
  const stays = new Set([...desired.nodes.map(({ hostname }) => hostname), ...nodes])
  const others = prune ? (recorded?.nodes ?? []).filter(node => wasMember(node) && !stays.has(node.hostname)) : []
  const leaving = [...nodes, ...others.map(({ hostname }) => hostname)]
  return leaving.length === 0 ? null : { nodes: leaving, ...eviction }
}
