import type { Selectable } from 'kysely'
import { z } from 'zod'
import { type ClusterSpec, clusterSpec, type NodeSpec, nodeSpec } from '../domain/cluster.ts'
import type { Tables } from './tables.ts'

/** A desired state that is stored, or where in it something stands that this version refuses. */
export type StoredSpec =
  | { readonly ok: true; readonly spec: ClusterSpec }
  | { readonly ok: false; readonly refused: z.ZodError }

/**
 * Rules grow: what was stored by an earlier version may be refused now. That must not stand in the way of the file that
 * puts it right, so nothing is thrown here.
 */
export function storedSpecOf(
  row: Selectable<Tables['clusters']>,
  nodes: readonly Selectable<Tables['nodes']>[],
): StoredSpec {
  const vars = z.record(z.string(), z.unknown()).safeParse(row.cluster_vars)
  const read = clusterSpec.safeParse({
    distribution: row.distribution,
    version: row.version,
    ...z.record(z.string(), z.unknown()).safeParse(row.spec).data,
    ...(Object.keys(vars.data ?? {}).length > 0 && { cluster_vars: vars.data }),
    nodes: nodes.map(rawNode),
  })
  return read.success ? { ok: true, spec: read.data } : { ok: false, refused: read.error }
}

/** What a distribution knows of a node besides what every one does; null: nothing. */
export function restOfNode(node: NodeSpec): Readonly<Record<string, unknown>> | null {
  const known = new Set<string>(nodeSpec.keyof().options)
  const rest = Object.entries(node).filter(([key, value]) => !known.has(key) && value !== undefined)
  return rest.length > 0 ? Object.fromEntries(rest) : null
}

/** The node as the file said it, as plain JSON: what was not said is not there. */
export const rawNode = (row: Selectable<Tables['nodes']>) => ({
  hostname: row.hostname,
  internal_ip: row.internal_ip,
  ...(row.external_ip !== null && { external_ip: row.external_ip }),
  ...(row.use_external_ip !== null && { use_external_ip: row.use_external_ip }),
  role: row.role,
  ...(row.node_vars !== null && { node_vars: row.node_vars }),
  ...(row.ssh !== null && { ssh: row.ssh }),
  ...z.record(z.string(), z.unknown()).safeParse(row.spec).data,
})
