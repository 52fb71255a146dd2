import { z } from 'zod'
import type { Difference } from '../../contract/discovery.ts'
import type { ClusterSpec, NodeSpec } from '../../domain/cluster.ts'
import type { NodeStatus } from '../../domain/lifecycle.ts'
import { wasMember } from '../../domain/recordedCluster.ts'
import type { FoundNode } from '../../distributions/discovery/foundNodes.ts'
import { canonicalJson } from '../../engine/plan/canonical.ts'
import type { NodeRecord } from '../../store/nodes.ts'

/** What is said of a node, whatever its status. */
type NodeState = Pick<NodeRecord, 'hostname' | 'status' | 'installed_version' | 'last_error'>

export interface Before {
  readonly spec: ClusterSpec
  readonly nodes: readonly NodeState[]
}

export interface After {
  readonly spec: ClusterSpec
  readonly nodes: readonly FoundNode[]
}

/** Nodes on record that worked, and of which the API knows nothing any more. Pure. */
export function goneNodes({ nodes }: Before, found: readonly FoundNode[]): readonly string[] {
  const present = new Set(found.map(({ hostname }) => hostname))
  return nodes.filter(node => wasMember(node) && !present.has(node.hostname)).map(({ hostname }) => hostname)
}

/** Nodes that are wanted and have not joined yet: the API cannot know them. Pure. */
export function waitingNodes({ spec, nodes }: Before, found: readonly FoundNode[]): readonly NodeSpec[] {
  const known = new Set([
    ...found.map(({ hostname }) => hostname),
    ...nodes.filter(wasMember).map(({ hostname }) => hostname),
  ])
  return spec.nodes.filter(({ hostname }) => !known.has(hostname))
}

/** The status of a node that was found: one that was drained stays so until it is uncordoned or removed. */
export function statusOf(
  { failure }: FoundNode,
  before: Pick<NodeState, 'status'> | undefined,
): Extract<NodeStatus, 'active' | 'failed' | 'draining'> {
  if (failure !== null) return 'failed'
  return before?.status === 'draining' ? 'draining' : 'active'
}

/** What would be another on record than it is, for people; all of it is new where nothing is. Pure. */
export function differencesOf(before: Before | null, after: After): Difference[] {
  const known = new Map(before?.nodes.map(node => [node.hostname, node]))
  const specs = new Map(before?.spec.nodes.map(node => [node.hostname, node]))
  const wanted = new Map(after.spec.nodes.map(node => [node.hostname, node]))
  const nodes = after.nodes.flatMap((found): Difference[] => {
    const about = `node ${found.hostname}`
    const state = known.get(found.hostname)
    if (!state || state.status === 'removed') return [{ kind: 'new', about, message: described(found) }]
    const told = { ...settingsOf(specs.get(found.hostname)), ...stateOf(state.status, state.installed_version) }
    const now = { ...settingsOf(wanted.get(found.hostname)), ...stateOf(statusOf(found, state), found.version) }
    return changes(told, now).map(message => ({
      kind: 'changed',
      about,
      message: message.startsWith('status') && found.failure !== null ? `${message} (${found.failure})` : message,
    }))
  })
  const gone = before
    ? goneNodes(before, after.nodes).map(
        (name): Difference => ({
          kind: 'gone',
          about: `node ${name}`,
          message: 'the cluster has no Node of it any more',
        }),
      )
    : []
  const { nodes: _wanted, ...rest } = after.spec
  const ofCluster = before ? changes(flat(before.spec), flat(rest)) : []
  return [
    ...ofCluster.map((message): Difference => ({ kind: 'changed', about: 'cluster', message })),
    ...nodes,
    ...gone,
  ]
}

const described = ({ role, internal_ip, version, failure }: FoundNode): string =>
  `${role} at ${internal_ip}, ${version}${failure === null ? '' : `, not ready: ${failure}`}`

const stateOf = (status: NodeStatus, version: string | null) => ({ status, version })

function settingsOf(node: NodeSpec | undefined): Readonly<Record<string, unknown>> {
  if (!node) return {}
  const { hostname: _name, node_vars = {}, ...rest } = node
  return { ...rest, ...node_vars }
}

/** The variables key by key. */
function flat({ nodes: _nodes, cluster_vars = {}, ...rest }: Partial<ClusterSpec>): Readonly<Record<string, unknown>> {
  return { ...rest, ...cluster_vars }
}

function changes(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys.flatMap(key => {
    const [told, now] = [text(before[key]), text(after[key])]
    return told === now ? [] : [`${key}: ${told} → ${now}`]
  })
}

function text(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  return typeof value === 'string' ? value : canonicalJson(z.json().parse(JSON.parse(JSON.stringify(value))))
}
