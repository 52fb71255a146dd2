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
  /** The file that was applied last, as far as this version reads it; null: none is known. */
  readonly file: ClusterFile | null
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

const writtenNodes = z.object({ spec: z.object({ nodes: z.array(z.object({ hostname: z.string() })) }) })
const writtenFile = clusterFileOf(clusterSpec)

/** Null when there is no such cluster, or none that was applied. */
export async function readAppliedBefore(database: Database, name: string): Promise<AppliedBefore | null> {
  const row = await database
    .selectFrom('clusters')
    .select(['id', 'last_applied', 'desired_version'])
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row || row.desired_version === 0) return null
  const nodes = await nodeRows(database, row.id)
  const names = writtenNodes.safeParse(row.last_applied).data
  return {
    named: names ? new Set(names.spec.nodes.map(({ hostname }) => hostname)) : null,
    file: writtenFile.safeParse(row.last_applied).data ?? null,
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
