import { type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { ClusterFile, ClusterSpec } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { type InstallationStage, installationStages } from '../domain/lifecycle.ts'
import { type StoredSpec, storedSpecOf } from './storedSpec.ts'
import { storedStateRefused } from '../domain/storedStateRefused.ts'
import type { Database, Tables } from './tables.ts'
import { noSuchCluster } from './uninstalls.ts'

export const bootstrapStates = ['unused', 'claimed', 'done'] as const

export interface BootstrapRecord {
  readonly state: (typeof bootstrapStates)[number]
  /** The only host that may continue while the right is claimed. */
  readonly machine_id: string | null
  /** `RUN/STAGE/N` of the claim. */
  readonly attempt: string | null
  readonly joiner_started: boolean
  readonly ca_hash: string | null
  /** Hex id of the etcd cluster; null on a record of before it was kept, until it is seen the next time. */
  readonly etcd_cluster: string | null
}

export interface ClusterRecord {
  readonly name: string
  readonly type: 'managed' | 'registered'
  readonly distribution: string
  readonly version: string
  readonly installation_stage: InstallationStage | null
  /** What is desired or was reported as the API's address; null while nobody has said. */
  readonly api_endpoint: string | null
  readonly desired_version: number
  readonly bootstrap: BootstrapRecord
  readonly created: string
  readonly updated: string
}

export interface ClusterSummary extends ClusterRecord {
  /** Nodes that are not removed, each once: by status, or as `behind`. */
  readonly node_counts: Readonly<Record<string, number>>
  /** Nodes that were left out of what was done to the others. */
  readonly behind: readonly string[]
}

/** The desired state except what has columns of its own. */
export type SpecRest = Omit<ClusterSpec, 'distribution' | 'version' | 'cluster_vars' | 'nodes'>

/** @throws SlipwayError `not-found`. */
export async function readCluster(database: Database, name: string): Promise<ClusterRecord> {
  return clusterRecord(await clusterRow(database, name))
}

/** Of a node that was left out no more is known than that. */
const standing = sql<string>`CASE WHEN behind_since IS NULL THEN status ELSE 'behind' END`

/** Ordered by name; `after` is the last name of the page before. */
export async function listClusters(
  database: Database,
  page: { readonly after?: string; readonly limit: number },
): Promise<ClusterSummary[]> {
  const rows = await database
    .selectFrom('clusters')
    .selectAll()
    .where('name', '>', page.after ?? '')
    .orderBy('name')
    .limit(page.limit)
    .execute()
  if (rows.length === 0) return []
  const ids = rows.map(row => row.id)
  const late = await database
    .selectFrom('nodes')
    .select(['cluster_id', 'hostname'])
    .where('status', '<>', 'removed')
    .where('behind_since', 'is not', null)
    .where('cluster_id', 'in', ids)
    .orderBy('position')
    .execute()
  const counts = await database
    .selectFrom('nodes')
    .select(['cluster_id', standing.as('standing'), eb => eb.fn.countAll<number>().as('count')])
    .where('status', '<>', 'removed')
    .where('cluster_id', 'in', ids)
    .groupBy(['cluster_id', standing])
    .execute()
  const summary = (row: (typeof rows)[number]): ClusterSummary => ({
    ...clusterRecord(row),
    node_counts: Object.fromEntries(
      counts.filter(count => count.cluster_id === row.id).map(count => [count.standing, count.count]),
    ),
    behind: late.filter(node => node.cluster_id === row.id).map(({ hostname }) => hostname),
  })
  return rows.map(summary)
}

/**
 * The whole desired state, as `slipway export` writes it: nodes that are wanted, in the file's order.
 * @throws SlipwayError `not-found`, `stored-state-refused`.
 */
export async function readDesiredState(database: Database, name: string): Promise<ClusterFile> {
  const stored = await readStoredSpec(database, name)
  if (!stored.ok) throw storedStateRefused(name, stored.refused, 'spec')
  return { apiVersion: 'slipway/v1', kind: 'Cluster', metadata: { name }, spec: stored.spec }
}

/** As `readDesiredState`, for whoever is about to replace it. @throws SlipwayError `not-found`. */
export async function readStoredSpec(database: Database, name: string): Promise<StoredSpec> {
  const row = await clusterRow(database, name)
  const nodes = await database
    .selectFrom('nodes')
    .selectAll()
    .where('cluster_id', '=', row.id)
    .where('wanted', '=', true)
    .where('status', '<>', 'removed')
    .orderBy('position')
    .orderBy('id')
    .execute()
  return storedSpecOf(row, nodes)
}

export type ClusterSecretName = 'token' | 'agent_token' | 'kubeconfig'

/** What a cluster's secret is sealed for. */
export const clusterSecretPurpose = (cluster: string, name: ClusterSecretName): string => `cluster/${cluster}/${name}`

/** Sealed text. @throws SlipwayError `not-found` when there is no such cluster. */
export async function readClusterSecret(
  database: Database,
  name: string,
  secret: ClusterSecretName,
): Promise<string | null> {
  const row = await clusterRow(database, name)
  return row[secret]
}

/** Writes a secret only where there is none yet, so that two callers end up with the same. Returns what holds. */
export async function keepClusterSecret(
  database: Database,
  name: string,
  secret: ClusterSecretName,
  sealed: string,
): Promise<string> {
  await database
    .updateTable('clusters')
    .set({ [secret]: sql`coalesce(${sql.ref(secret)}, ${sealed})` })
    .where('name', '=', name)
    .execute()
  const kept = await readClusterSecret(database, name, secret)
  if (kept === null) throw new SlipwayError('not-found', `there is no cluster ${name}`)
  return kept
}

export async function clusterRow(database: Database, name: string): Promise<Selectable<Tables['clusters']>> {
  const row = await database.selectFrom('clusters').selectAll().where('name', '=', name).executeTakeFirst()
  if (!row) throw await noSuchCluster(database, name)
  return row
}

export function restOf(spec: ClusterSpec): SpecRest {
  const { distribution: _distribution, version: _version, cluster_vars: _vars, nodes: _nodes, ...rest } = spec
  return rest
}

const clusterRecord = (row: Selectable<Tables['clusters']>): ClusterRecord => ({
  name: row.name,
  type: row.type,
  distribution: row.distribution,
  version: row.version,
  installation_stage: z.enum(installationStages).nullable().parse(row.installation_stage),
  api_endpoint: row.api_endpoint,
  desired_version: row.desired_version,
  bootstrap: {
    state: z.enum(bootstrapStates).parse(row.bootstrap_state),
    machine_id: row.bootstrap_machine_id,
    attempt: row.bootstrap_attempt,
    joiner_started: row.bootstrap_joiner_started,
    ca_hash: row.bootstrap_ca_hash,
    etcd_cluster: row.bootstrap_etcd_cluster,
  },
  created: row.created,
  updated: row.updated,
})
