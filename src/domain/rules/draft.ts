import type { ClusterSpec } from '../cluster.ts'
import type { Finding } from '../errors.ts'
import type { AcceptableWarning, FindingName } from '../findingCatalogue.ts'
import type { NodeRole } from '../lifecycle.ts'
import type { ClusterVars, ListKey, NodeVars } from '../rke2Config.ts'

/** Where in the cluster file a finding belongs: `['nodes', 2, 'hostname']` below `spec`. */
export interface RuleFinding extends Finding {
  readonly path: readonly (string | number)[]
}

export interface DraftNode {
  readonly hostname?: string | undefined
  readonly role?: NodeRole | undefined
  readonly internal_ip?: string | undefined
  readonly external_ip?: string | undefined
  readonly use_external_ip?: boolean | undefined
  /** null: something in them is wrong already. */
  readonly node_vars?: NodeVars | null | undefined
}

/** What the rules look at. A field is undefined where it is absent or was found wrong already; rules leave it out then. */
export interface ClusterDraft {
  readonly version?: string | undefined
  readonly artifact_url?: string | undefined
  readonly artifact_path?: string | undefined
  readonly api_endpoint?: string | undefined
  readonly proxy?: ClusterSpec['proxy'] | undefined
  /** null: something in them is wrong already, and defaults must not stand in for it. */
  readonly cluster_vars?: ClusterVars | null | undefined
  readonly nodes: readonly DraftNode[]
}

/** A finding at a place below `spec`. */
export const fault = (name: FindingName, path: RuleFinding['path'], message: string, remedy: string): RuleFinding => ({
  name,
  severity: 'error',
  about: `spec.${path.join('.')}`,
  path,
  message,
  remedy,
})

/** As `fault`, for what a cluster can run with all the same: it stands in the way until it is accepted. */
export const caution = (
  name: AcceptableWarning,
  path: RuleFinding['path'],
  message: string,
  remedy: string,
): RuleFinding => ({
  ...fault(name, path, message, `${remedy} Where the cluster runs with it already, accept it: --accept ${name}.`),
  severity: 'warning',
})

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
