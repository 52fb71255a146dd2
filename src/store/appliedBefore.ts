import { z } from 'zod'
import { type ClusterFile, clusterFileOf, clusterSpec, type NodeSpec, nodeSpec } from '../domain/cluster.ts'
import { storedStateRefused } from '../domain/storedStateRefused.ts'
import { rawNode } from './storedSpec.ts'
import { nodeRows } from './nodes.ts'
import type { Database } from './tables.ts'

/** What a new file is compared with. */
export interface AppliedBefore {
  /** Hostnames in the file that was applied last; null: none is known. */
  readonly named: ReadonlySet<string> | null
  /** The platform of that file, as JSON; undefined: it has none, or none is known. */
  readonly platform: unknown
  /** That file itself; null: none is known, or it is of a form of before. */
  readonly written: ClusterFile | null
  /** The nodes that are desired now, in their order. */
  readonly desired: readonly DesiredNode[]
  /** Removed nodes by their hostname, with when that was. */
  readonly removed: ReadonlyMap<string, string>
}

export interface DesiredNode {
  readonly hostname: string
  /** @throws SlipwayError `stored-state-refused` */
  spec(): NodeSpec
}

const writtenFile = z.object({
  spec: z.object({ nodes: z.array(z.object({ hostname: z.string() })), platform: z.unknown() }),
})

const clusterFile = clusterFileOf(clusterSpec)

/** Null when there is no such cluster, or none that was applied. */
export async function readAppliedBefore(database: Database, name: string): Promise<AppliedBefore | null> {
  const row = await database
    .selectFrom('clusters')
    .select(['id', 'last_applied', 'desired_version'])
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row || row.desired_version === 0) return null
  const nodes = await nodeRows(database, row.id)
  const file = writtenFile.safeParse(row.last_applied).data
  return {
    named: file ? new Set(file.spec.nodes.map(({ hostname }) => hostname)) : null,
    platform: file?.spec.platform,
    written: clusterFile.safeParse(row.last_applied).data ?? null,
    desired: nodes
      .filter(({ wanted, status }) => wanted && status !== 'removed')
      .map(node => ({
        hostname: node.hostname,
        spec() {
          const read = nodeSpec.safeParse(rawNode(node))
          if (!read.success) throw storedStateRefused(name, read.error, `node ${node.hostname}`)
          return read.data
        },
      })),
    removed: new Map(
      nodes.flatMap(({ hostname, status, status_since }) =>
        status === 'removed' ? [[hostname, status_since] as const] : [],
      ),
    ),
  }
}
