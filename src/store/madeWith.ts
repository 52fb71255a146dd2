import { z } from 'zod'
import { nodeRoles } from '../domain/lifecycle.ts'
import type { MadeWith } from '../domain/rules/fixedSettings.ts'
import type { Database } from './tables.ts'

const vars = z.record(z.string(), z.unknown())

/** What a cluster that is there was made with; null while it is not. What this version refuses is given back as well. */
export async function readMadeWith(database: Database, name: string): Promise<MadeWith | null> {
  const row = await database
    .selectFrom('clusters')
    .select(['id', 'bootstrap_state', 'cluster_vars'])
    .where('name', '=', name)
    .executeTakeFirst()
  if (row?.bootstrap_state !== 'done') return null
  const nodes = await database
    .selectFrom('nodes')
    .select(['role', 'internal_ip'])
    .where('cluster_id', '=', row.id)
    .where('wanted', '=', true)
    .where('status', '<>', 'removed')
    .orderBy('position')
    .execute()
  return {
    cluster_vars: vars.safeParse(row.cluster_vars).data,
    nodes: nodes.map(({ role, internal_ip }) => ({ role: z.enum(nodeRoles).parse(role), internal_ip })),
  }
}
