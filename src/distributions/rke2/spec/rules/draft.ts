import type { RuleFinding } from '../../../../domain/ruleFinding.ts'
import type { DraftNode as CommonNode } from '../../../../domain/rules/nodes.ts'
import type { ClusterVars, ListKey, NodeVars } from '../config.ts'
import type { Rke2Node, Rke2Spec } from '../spec.ts'

export interface DraftNode extends CommonNode {
  /** null: something in them is wrong already. */
  readonly node_vars?: NodeVars | null | undefined
  readonly files?: Rke2Node['files'] | undefined
  readonly vip_interface?: string | undefined
  readonly ssh?: Rke2Node['ssh'] | undefined
  readonly machine?: Rke2Node['machine'] | undefined
}

/** What the rules look at. A field is undefined where it is absent or was found wrong already; rules leave it out then. */
export interface ClusterDraft {
  readonly version?: string | undefined
  readonly artifact_url?: string | undefined
  readonly artifact_path?: string | undefined
  readonly api_endpoint?: string | undefined
  readonly vip?: Rke2Spec['vip'] | undefined
  readonly proxy?: Rke2Spec['proxy'] | undefined
  readonly files?: Rke2Spec['files'] | undefined
  readonly platform?: Rke2Spec['platform'] | undefined
  readonly machines?: Rke2Spec['machines'] | undefined
  readonly ssh?: Rke2Spec['ssh'] | undefined
  /** null: something in them is wrong already, and defaults must not stand in for it. */
  readonly cluster_vars?: ClusterVars | null | undefined
  readonly nodes: readonly DraftNode[]
}

type NodeKey = Exclude<keyof NodeVars, 'extra'>

/** What a node's configuration says for a key, and where that stands. */
export function effective<Key extends NodeKey>(
  { cluster_vars }: ClusterDraft,
  index: number,
  node: DraftNode,
  key: Key,
): { readonly value: NonNullable<NodeVars[Key]>; readonly path: RuleFinding['path'] } | null {
  const own = node.node_vars?.[key]
  if (own !== undefined) return { value: own, path: ['nodes', index, 'node_vars', key] }
  const shared = cluster_vars?.[key]
  return shared === undefined || node.node_vars === null ? null : { value: shared, path: ['cluster_vars', key] }
}

/**
 * All values that a node's configuration has for a list: those of the key, and those that `KEY+` adds to them. The place
 * is that of what is added, where something is.
 */
export function effectiveItems(
  draft: ClusterDraft,
  index: number,
  node: DraftNode,
  key: ListKey,
): { readonly items: readonly string[]; readonly path: RuleFinding['path'] } | null {
  const set = effective(draft, index, node, key)
  const adding = `${key}+`
  const added = [
    { extra: node.node_vars?.extra, path: ['nodes', index, 'node_vars', 'extra', adding] },
    { extra: draft.cluster_vars?.extra, path: ['cluster_vars', 'extra', adding] },
  ].find(({ extra }) => extra?.[adding] !== undefined)
  if (!added) return set && { items: set.value, path: set.path }
  return {
    items: [...(set?.value ?? []), ...[added.extra?.[adding] ?? []].flat().map(String)],
    path: added.path,
  }
}

/** What stands at one place is told once, however many nodes it concerns. */
export function oncePerPlace(found: readonly RuleFinding[]): RuleFinding[] {
  const places = new Set<string>()
  return found.filter(({ name, path }) => {
    const place = JSON.stringify([name, path])
    return places.has(place) ? false : places.add(place)
  })
}
