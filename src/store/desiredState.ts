import { type Selectable, sql } from 'kysely'
import { z } from 'zod'
import { type ClusterFile, type ClusterSpec, type NodeSpec, nodeSpec } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { nextNodeStatus, nodeStatuses } from '../domain/lifecycle.ts'
import { machinesIn } from '../domain/machineToken.ts'
import { wasMember } from '../domain/recordedCluster.ts'
import { clusterSubject } from '../domain/subject.ts'
import { canonicalJson } from '../engine/plan/canonical.ts'
import { clashError, refuseAddressClashes, vipOf } from './addressClashes.ts'
import { restOf } from './clusters.ts'
import { refuseActiveRun } from './createRun.ts'
import { hasCode } from './databaseErrors.ts'
import { rawNode, restOfNode, type StoredSpec, storedSpecOf } from './storedSpec.ts'
import { nodeRows } from './nodes.ts'
import type { Database, DatabaseTransaction, Tables } from './tables.ts'
import type { Json } from '../contract/json.ts'

export interface AppliedState {
  /** Version of the desired state now; it grows only when something changed. */
  readonly desired_version: number
  readonly changed: boolean
}

export interface ApplyOptions {
  /** The file as it was written, with which the next one is compared; null: the one of before stays. Default: what is applied. */
  readonly written?: ClusterFile | null
  /** Refuses with `plan-changed` when the desired state is not at this version; 0 means: there is none yet. */
  readonly expectedVersion?: number
  /** Nodes that a run takes out of the cluster: they stay on record until it has done so, also those that never worked. */
  readonly leaving?: readonly string[]
}

const batch = 500

/** Two clusters may take the same address at the same moment: the constraint notices it at the transaction's end. */
export async function namingClashes<T>(database: Database, desired: ClusterFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!hasCode(error, '23P01', 'nodes_address')) throw error
    throw await clashError(database, desired, error)
  }
}

/** No constraint says that a machine is a node of one cluster only: whoever wants some looks for that when it is its turn. */
async function takeTurns(tx: DatabaseTransaction, { spec }: ClusterFile): Promise<void> {
  if (machinesIn(spec.nodes).length > 0)
    await sql`SELECT pg_advisory_xact_lock(hashtext('nodes on machines'))`.execute(tx)
}

/**
 * Makes `desired` the cluster's desired state, as part of a transaction that `namingClashes` wraps. Nodes that it no longer names stay on record,
 * no longer wanted, until a run removes them; those that never worked as a member are removed at once, unless a run is to. A removed host's
 * row is taken up again when it returns.
 * @throws SlipwayError `lease-held` when one that never worked is dropped while a run is under way, which may be at it.
 * @throws SlipwayError `cluster-conflict` when a node of another cluster has one of the addresses; findings name it.
 */
export async function applyInside(
  tx: DatabaseTransaction,
  desired: ClusterFile,
  options: ApplyOptions,
): Promise<AppliedState> {
  const name = desired.metadata.name
  const { spec } = desired
  await tx
    .insertInto('clusters')
    .values({
      name,
      type: 'managed',
      distribution: spec.distribution,
      version: spec.version,
      cluster_vars: '{}',
      spec: '{}',
    })
    .onConflict(conflicting => conflicting.column('name').doNothing())
    .execute()
  const row = await tx.selectFrom('clusters').selectAll().where('name', '=', name).forUpdate().executeTakeFirstOrThrow()
  if (options.expectedVersion !== undefined && options.expectedVersion !== row.desired_version)
    throw new SlipwayError(
      'plan-changed',
      `the desired state of ${name} is at version ${row.desired_version}, not ${options.expectedVersion}`,
    )
  const nodes = await nodeRows(tx, row.id)
  const present = nodes.filter(node => node.wanted && node.status !== 'removed')
  const { written = desired } = options
  const applied = written && { last_applied: JSON.stringify(written) }
  const changed = row.desired_version === 0 || !isDesired(storedSpecOf(row, present), spec)
  if (!changed) {
    if (applied) await tx.updateTable('clusters').set(applied).where('id', '=', row.id).execute()
    return { desired_version: row.desired_version, changed }
  }
  await takeTurns(tx, desired)
  await refuseAddressClashes(tx, desired)
  const endpoint = spec.api_endpoint ?? vipOf(spec) ?? undefined
  await dropMissing(tx, name, nodes, { spec, leaving: options.leaving ?? [] })
  await writeNodes(tx, row.id, nodes, spec)
  const { desired_version } = await tx
    .updateTable('clusters')
    .set({
      distribution: spec.distribution,
      version: spec.version,
      cluster_vars: JSON.stringify(spec.cluster_vars ?? {}),
      spec: JSON.stringify(restOf(spec)),
      // That of a cluster of others is known from its kubeconfig.
      ...((endpoint !== undefined || row.type === 'managed') && { api_endpoint: endpoint ?? null }),
      ...applied,
      desired_version: row.desired_version + 1,
      updated: sql<string>`now()`,
    })
    .where('id', '=', row.id)
    .returning('desired_version')
    .executeTakeFirstOrThrow()
  return { desired_version, changed }
}

async function writeNodes(
  tx: DatabaseTransaction,
  cluster: number,
  known: readonly Selectable<Tables['nodes']>[],
  spec: ClusterSpec,
): Promise<void> {
  const byName = new Map(known.map(node => [node.hostname, node]))
  const rows = spec.nodes.flatMap((node, position) => {
    const before = byName.get(node.hostname)
    if (
      before &&
      before.wanted &&
      before.status !== 'removed' &&
      before.position === position &&
      sameNode(before, node)
    )
      return []
    const own = { position, status: statusOf(before), spec: restOfNode(node) }
    return [{ ...node, use_external_ip: node.use_external_ip ?? null, ...own }]
  })
  for (let start = 0; start < rows.length; start += batch)
    await sql`
      INSERT INTO nodes (cluster_id, position, hostname, internal_ip, external_ip, use_external_ip, role, status, node_vars, ssh, spec)
      SELECT ${cluster}, position, hostname, internal_ip, external_ip, use_external_ip, role, status, node_vars, ssh, spec
      FROM jsonb_to_recordset(${JSON.stringify(rows.slice(start, start + batch))}::jsonb) AS list (
        position integer, hostname text, internal_ip text, external_ip text, use_external_ip boolean, role text,
        status text, node_vars jsonb, ssh jsonb, spec jsonb)
      ON CONFLICT (cluster_id, hostname) DO UPDATE SET
        position = excluded.position, internal_ip = excluded.internal_ip, external_ip = excluded.external_ip,
        use_external_ip = excluded.use_external_ip, role = excluded.role, node_vars = excluded.node_vars,
        ssh = excluded.ssh, spec = excluded.spec, wanted = true, status = excluded.status, updated = now(),
        status_since = CASE WHEN nodes.status = 'removed' THEN now() ELSE nodes.status_since END,
        installed_version = CASE WHEN nodes.status = 'removed' THEN NULL ELSE nodes.installed_version END,
        last_error = CASE WHEN nodes.status = 'removed' THEN NULL ELSE nodes.last_error END,
        behind_since = CASE WHEN nodes.status = 'removed' THEN NULL ELSE nodes.behind_since END,
        behind_reason = CASE WHEN nodes.status = 'removed' THEN NULL ELSE nodes.behind_reason END`.execute(tx)
}

async function dropMissing(
  tx: DatabaseTransaction,
  cluster: string,
  known: readonly Selectable<Tables['nodes']>[],
  { spec, leaving }: { readonly spec: ClusterSpec; readonly leaving: readonly string[] },
): Promise<void> {
  const named = new Set(spec.nodes.map(node => node.hostname))
  const missing = known.filter(node => node.wanted && node.status !== 'removed' && !named.has(node.hostname))
  const gone = missing.filter(
    node =>
      !leaving.includes(node.hostname) && !wasMember({ ...node, status: z.enum(nodeStatuses).parse(node.status) }),
  )
  const ids = (list: typeof missing) => sql`${JSON.stringify(list.map(node => node.id))}::jsonb`
  if (missing.length > 0)
    await sql`UPDATE nodes SET wanted = false, updated = now()
      WHERE id IN (SELECT value::bigint FROM jsonb_array_elements_text(${ids(missing)}))`.execute(tx)
  if (gone.some(node => node.status !== 'pending')) await refuseActiveRun(tx, clusterSubject(cluster))
  if (gone.length > 0)
    await sql`UPDATE nodes SET status = ${nextNodeStatus('pending', 'remove')}, status_since = now()
      WHERE id IN (SELECT value::bigint FROM jsonb_array_elements_text(${ids(gone)}))`.execute(tx)
}

const statusOf = (before: Selectable<Tables['nodes']> | undefined): string => {
  if (!before) return 'pending'
  const status = z.enum(nodeStatuses).parse(before.status)
  return status === 'removed' ? nextNodeStatus(status, 'return') : status
}

const asJson = (value: object): Json => z.json().parse(JSON.parse(JSON.stringify(value)))
const same = (left: object, right: object): boolean => canonicalJson(asJson(left)) === canonicalJson(asJson(right))
const sameNode = (row: Selectable<Tables['nodes']>, node: NodeSpec): boolean => {
  const stored = nodeSpec.safeParse(rawNode(row))
  return stored.success && same(stored.data, node)
}
/** Empty vars and none at all are the same wish. What is refused now is never what somebody wishes. */
export const isDesired = (stored: StoredSpec, desired: ClusterSpec): boolean => {
  const { cluster_vars, ...rest } = desired
  return stored.ok && same(stored.spec, cluster_vars && Object.keys(cluster_vars).length > 0 ? desired : rest)
}
