import type { Json } from '../../contract/json.ts'
import type { Change } from '../../engine/contract/stage.ts'
import type { NodeChange } from '../../kubernetes/changeNode.ts'
import type { Node } from '../../kubernetes/resources.ts'
import { type NodeMarks, taintName, taintText } from './marks.ts'

/** Annotations in which a Node keeps the names of those labels and taints that are ours to take away. */
const memory = { labels: 'slipway/labels', taints: 'slipway/taints' } as const

interface Difference {
  /** Names, or names with values, in a form for people. */
  readonly set: readonly string[]
  readonly removed: readonly string[]
  /** What the Node is to keep of what is ours; null where it keeps that already. */
  readonly remember: { readonly names: string | null } | null
}

/**
 * What a Node lacks of the labels and taints that it is to have, and what it has that was ours once and is wanted no
 * more. What others have set is left alone. Pure.
 * @param node null: it has not joined yet, and gets what it is to have when it does.
 */
export function markChanges(wanted: NodeMarks, node: Node | null): Change[] {
  const target = (part: string) => `node/${wanted.hostname}/${part}`
  const { labels, taints } = differences(wanted, node)
  const change = (part: 'labels' | 'taints', { set, removed, remember }: Difference, detail: Json) =>
    set.length + removed.length === 0 && remember === null
      ? []
      : [{ effect: 'update', target: target(part), summary: told(part, { set, removed, remember }), detail } as const]
  return [
    ...change('labels', labels, { wanted: wanted.labels, removed: [...labels.removed] }),
    ...change('taints', taints, { wanted: wanted.taints.map(taintText), removed: [...taints.removed] }),
  ]
}

/** How the Node is changed so that nothing differs any more; null where nothing does. Pure. */
export function markPatch(wanted: NodeMarks, node: Node): NodeChange | null {
  const { labels, taints } = differences(wanted, node)
  const annotations = {
    ...(labels.remember && { [memory.labels]: labels.remember.names }),
    ...(taints.remember && { [memory.taints]: taints.remember.names }),
  }
  const isMarked = labels.set.length + labels.removed.length > 0
  const isTainted = taints.set.length + taints.removed.length > 0
  if (!isMarked && !isTainted && Object.keys(annotations).length === 0) return null
  const gone = new Set(taints.removed)
  const kept = (node.spec.taints ?? []).filter(taint => !gone.has(taintName(taint)))
  const wantedTaints = new Map(wanted.taints.map(taint => [taintName(taint), taint]))
  const added = wanted.taints.filter(taint => !kept.some(one => taintName(one) === taintName(taint)))
  return {
    metadata: {
      annotations,
      ...(isMarked && {
        labels: { ...wanted.labels, ...Object.fromEntries(labels.removed.map(name => [name, null])) },
      }),
    },
    ...(isTainted && {
      spec: { taints: [...kept.map(taint => ({ ...taint, ...wantedTaints.get(taintName(taint)) })), ...added] },
    }),
  }
}

function differences(
  wanted: NodeMarks,
  node: Node | null,
): { readonly labels: Difference; readonly taints: Difference } {
  const present = node?.metadata.labels ?? {}
  const tainted = new Map((node?.spec.taints ?? []).map(taint => [taintName(taint), taint.value ?? '']))
  const ours = (part: keyof typeof memory) => remembered(node?.metadata.annotations?.[memory[part]])
  const names = { labels: Object.keys(wanted.labels), taints: wanted.taints.map(taintName) }
  return {
    labels: {
      set: Object.entries(wanted.labels).flatMap(([key, value]) => (present[key] === value ? [] : [`${key}=${value}`])),
      removed: ours('labels').filter(name => !names.labels.includes(name) && Object.hasOwn(present, name)),
      remember: node && toRemember(names.labels, ours('labels')),
    },
    taints: {
      set: wanted.taints.flatMap(taint => (tainted.get(taintName(taint)) === taint.value ? [] : [taintText(taint)])),
      removed: ours('taints').filter(name => !names.taints.includes(name) && tainted.has(name)),
      remember: node && toRemember(names.taints, ours('taints')),
    },
  }
}

const remembered = (text: string | undefined): string[] => (text ? text.split(',') : [])

function toRemember(names: readonly string[], before: readonly string[]): Difference['remember'] {
  const sorted = names.toSorted()
  if (sorted.join() === before.join()) return null
  return { names: sorted.length === 0 ? null : sorted.join() }
}

function told(part: 'labels' | 'taints', { set, removed }: Difference): string {
  const evicts = part === 'taints' && set.some(text => text.endsWith(':NoExecute'))
  const does = [
    ...(set.length > 0
      ? [`set the ${part} ${set.join(', ')}${evicts ? ' (evicts the pods that do not tolerate them)' : ''}`]
      : []),
    ...(removed.length > 0 ? [`remove the ${part} ${removed.join(', ')}`] : []),
  ]
  return does.length > 0 ? does.join('; ') : `note which ${part} are those of the cluster file`
}
