import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type ClusterSpec, maxNodes, type NodeSpec } from '../cluster.ts'
import { fault, type RuleFinding } from '../ruleFinding.ts'
import type { ClusterFormat } from './format.ts'
import { withMachineTokens } from './machineNodes.ts'
import { type SchemaFinding, schemaFindings } from './schemaFindings.ts'
import { type FileShape, shapeOf } from './shape.ts'
import { shown } from './shown.ts'

/** Nodes that come to a cluster, as a list `nodes` of their own. */
export type NodeListReading =
  | { readonly ok: true; readonly nodes: readonly NodeSpec[] }
  | { readonly ok: false; readonly findings: readonly SchemaFinding[] }

/** @param value `{ nodes: […] }`, each as in `spec.nodes`; the paths of findings begin at `nodes`. */
export function readNodeList(format: ClusterFormat, value: unknown): NodeListReading {
  const list = z.strictObject({ nodes: z.array(format.node).min(1).max(maxNodes) })
  const parsed = list.safeParse(withTokens(value))
  if (parsed.success) return { ok: true, nodes: parsed.data.nodes }
  const issues = parsed.error.issues
  // A node is told of as in a cluster file, where it stands below `spec`.
  const inside = issues.filter(({ path, code }) => path.length > 0 || code !== 'unrecognized_keys')
  const told = schemaFindings(
    shapeFor(format),
    inside.map(issue => ({ ...issue, path: ['spec', ...issue.path] })),
    { spec: value },
  )
  return {
    ok: false,
    findings: [...issues.flatMap(otherKeys), ...told.map(found => ({ ...found, path: found.path.slice(1) }))],
  }
}

const withTokens = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'nodes' in value
    ? { ...value, nodes: withMachineTokens(value.nodes, false) }
    : value

function otherKeys(issue: z.core.$ZodIssue): SchemaFinding[] {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) return []
  return issue.keys.map(key => ({
    name: 'unknown-key',
    path: [key],
    atKey: true,
    message: `unknown key ${shown(key)}: a list of nodes has the key nodes, and nothing beside it`,
    remedy: 'Keep `nodes:` alone. A whole cluster file is applied: slipway apply -f FILE.',
  }))
}

const shapes = new WeakMap<ClusterFormat, FileShape>()
function shapeFor(format: ClusterFormat): FileShape {
  const shape = shapes.get(format) ?? shapeOf(format, [format.distribution])
  shapes.set(format, shape)
  return shape
}

/** A cluster with more nodes, and what is wrong with those. */
export interface Enlarged<Spec extends ClusterSpec> {
  readonly spec: Spec
  /** Errors; the paths begin at `nodes`, as those of the list do. */
  readonly findings: readonly RuleFinding[]
}

/**
 * The cluster with these nodes behind its own. One that it has already, with the same settings, is there once; with
 * other ones it is refused, since whoever adds a node does not mean to change one. Pure.
 */
export function enlarged<Spec extends ClusterSpec>(
  format: ClusterFormat,
  spec: Spec,
  added: readonly NodeSpec[],
): Enlarged<Spec> {
  const own = new Map(spec.nodes.map(node => [node.hostname, node]))
  const differing = added.flatMap((node, index) => {
    const before = own.get(node.hostname)
    return before ? differences(before, node, index) : []
  })
  const places = added.flatMap(({ hostname }, index) => (own.has(hostname) ? [] : [index]))
  const nodes = [...spec.nodes, ...places.flatMap(index => added[index] ?? [])]
  const larger = { ...spec, nodes }
  const parsed = format.spec.safeParse(larger)
  if (!parsed.success) return { spec: larger, findings: [...differing, ...tooMany(nodes)] }
  const ofRules = format.checkSpec(parsed.data).flatMap((found): RuleFinding[] => {
    const [field, at, ...rest] = found.path
    const index = field === 'nodes' && typeof at === 'number' ? places[at - spec.nodes.length] : undefined
    return index === undefined || found.severity !== 'error' ? [] : [{ ...found, path: ['nodes', index, ...rest] }]
  })
  return { spec: larger, findings: [...differing, ...ofRules] }
}

const tooMany = ({ length }: readonly NodeSpec[]): RuleFinding[] => [
  fault(
    'out-of-range',
    ['nodes'],
    `the cluster would have ${length} nodes, and at most ${maxNodes} are possible`,
    'Add fewer nodes.',
  ),
]

function differences(before: NodeSpec, after: NodeSpec, index: number): RuleFinding[] {
  const [one, other] = [meaning(before), meaning(after)]
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    key => !isDeepStrictEqual(one[key], other[key]),
  )
  if (keys.length === 0) return []
  const told = keys.map(key => `${key} is ${written(one[key])}, not ${written(other[key])}`)
  return [
    {
      name: 'node-differs',
      severity: 'error',
      about: `node ${before.hostname}`,
      path: ['nodes', index],
      message: `the cluster has it already, and its ${told.join('; its ')}`,
      remedy:
        'Leave it out here. To change a node, change it in the cluster file and apply that; slipway export writes one.',
    },
  ]
}

/** What is not said, and what is said to be as it is without saying so, are the same. */
function meaning(node: NodeSpec): Readonly<Record<string, unknown>> {
  const entries = Object.entries(node).filter(
    ([key, value]) =>
      value !== undefined &&
      !(key === 'use_external_ip' && value === false) &&
      !((key === 'node_vars' || key === 'ssh') && isDeepStrictEqual(value, {})),
  )
  return Object.fromEntries(entries)
}

const written = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'object' ? shown(JSON.stringify(value)) : shown(value)
