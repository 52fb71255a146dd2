import { z } from 'zod'
import { installationStages, nodeRoles, nodeStatuses } from '../domain/lifecycle.ts'
import { isIdentified, type RecordedCluster } from '../domain/recordedCluster.ts'
import type { Database } from './tables.ts'
import { clusterSubject } from '../domain/subject.ts'
import { isOf } from './subjects.ts'
import { unendedUninstall } from './uninstalls.ts'

const vars = z.record(z.string(), z.unknown())

/** Null when there is no such cluster. What this version would refuse is given back as well. */
export async function readRecordedCluster(database: Database, name: string): Promise<RecordedCluster | null> {
  const row = await database
    .selectFrom('clusters')
    .select([
      'id',
      'type',
      'distribution',
      'version',
      'bootstrap_state',
      'bootstrap_ca_hash',
      'installation_stage',
      'cluster_vars',
    ])
    .where('name', '=', name)
    .executeTakeFirst()
  if (!row) return null
  const nodes = await database
    .selectFrom('nodes')
    .selectAll()
    .where('cluster_id', '=', row.id)
    .where('status', '<>', 'removed')
    .orderBy('position')
    .orderBy('id')
    .execute()
  return {
    formed: row.bootstrap_state === 'done',
    installation_stage: z.enum(installationStages).nullable().parse(row.installation_stage),
    uninstalling: await unendedUninstall(database, { id: row.id, name }),
    begun: await begunStages(database, name),
    cluster_vars: vars.safeParse(row.cluster_vars).data ?? {},
    nodes: nodes.map(node => ({
      hostname: node.hostname,
      role: z.enum(nodeRoles).parse(node.role),
      internal_ip: node.internal_ip,
      status: z.enum(nodeStatuses).parse(node.status),
      wanted: node.wanted,
      installed_version: node.installed_version,
      behind: node.behind_since === null ? null : { since: node.behind_since, reason: node.behind_reason ?? '' },
    })),
    ...(row.type === 'registered' && {
      registered: {
        distribution: row.distribution,
        version: row.version,
        identified: isIdentified({ ca_hash: row.bootstrap_ca_hash }),
      },
    }),
  }
}

async function begunStages(database: Database, name: string): Promise<readonly string[]> {
  const rows = await database
    .selectFrom('stage_runs')
    .innerJoin('runs', 'runs.id', 'stage_runs.run')
    .select('stage_runs.kind')
    .distinct()
    .where(isOf(clusterSubject(name)))
    .where('stage_runs.attempts', '>', 0)
    .orderBy('stage_runs.kind')
    .execute()
  return rows.map(({ kind }) => kind)
}
