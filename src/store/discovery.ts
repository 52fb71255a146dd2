import { sql } from 'kysely'
import { z } from 'zod'
import { type AdoptedConfiguration, adoptedConfiguration } from '../domain/adoptedConfiguration.ts'
import type { ClusterFile } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { nodeEventsBetween, type NodeStatus, nodeStatuses } from '../domain/lifecycle.ts'
import { clusterSubject } from '../domain/subject.ts'
import { lockSubject, refuseActiveRun } from './createRun.ts'
import { applyInside, namingClashes } from './desiredState.ts'
import type { Database, DatabaseTransaction } from './tables.ts'
import { transaction } from './transaction.ts'

/** A node as it was seen; what its status becomes. */
export interface SeenNode {
  readonly hostname: string
  readonly status: Extract<NodeStatus, 'active' | 'failed' | 'draining'>
  /** Why it failed. */
  readonly error: string | null
  readonly version: string
  /** Null: nothing was proven now. What was proven earlier of the same bytes still holds. */
  readonly adopted: AdoptedConfiguration | null
}

export interface Discovered {
  readonly desired: ClusterFile
  /** Version of the stored desired state that it was compared with; 0: there was none. */
  readonly storedVersion: number
  /** uid of the namespace kube-system. */
  readonly uid: string
  readonly api_endpoint: string | null
  /** Null: nobody has logged in to a server, and what is on record stays. */
  readonly identity: { readonly ca_hash: string; readonly etcd_cluster: string } | null
  /** All nodes of the desired state that were seen. */
  readonly nodes: readonly SeenNode[]
  /** Hostnames of those that are gone. */
  readonly gone: readonly string[]
  /** Sealed. Null ones stay as they are on record. */
  readonly secrets: Readonly<Record<'kubeconfig' | 'token' | 'agent_token', string | null>>
}

/**
 * Puts a cluster on record as it was found, in the place of what was found before, all or nothing.
 * @param keep stores what belongs to the desired state (files, host keys).
 * @throws SlipwayError `cluster-conflict` for the name of a cluster that Slipway has made, and for addresses that are
 * taken; `lease-held` while a run is under way; `plan-changed` when the record has moved.
 */
export function recordDiscovery(
  database: Database,
  found: Discovered,
  keep: (tx: DatabaseTransaction) => Promise<void>,
): Promise<void> {
  const name = found.desired.metadata.name
  const { spec } = found.desired
  return namingClashes(database, found.desired, () =>
    transaction(database, async tx => {
      await lockSubject(tx, clusterSubject(name))
      await refuseActiveRun(tx, clusterSubject(name))
      await tx
        .insertInto('clusters')
        .values({
          name,
          type: 'registered',
          distribution: spec.distribution,
          version: spec.version,
          cluster_vars: '{}',
          spec: '{}',
          bootstrap_state: 'done',
          bootstrap_joiner_started: true,
          installation_stage: 'completed',
        })
        .onConflict(conflicting => conflicting.column('name').doNothing())
        .execute()
      const { id, type } = await tx
        .selectFrom('clusters')
        .select(['id', 'type'])
        .where('name', '=', name)
        .executeTakeFirstOrThrow()
      if (type !== 'registered') throw nameTaken(name)
      // Nobody's file names what was found: the next one is compared with what its writer had before.
      const written = found.storedVersion === 0 ? found.desired : null
      await applyInside(tx, found.desired, { written, expectedVersion: found.storedVersion })
      await tx
        .updateTable('clusters')
        .set({
          discovered_uid: found.uid,
          api_endpoint: found.api_endpoint,
          updated: sql<string>`now()`,
          ...(found.identity && {
            bootstrap_ca_hash: found.identity.ca_hash,
            bootstrap_etcd_cluster: found.identity.etcd_cluster,
          }),
          ...Object.fromEntries(Object.entries(found.secrets).filter(([, sealed]) => sealed !== null)),
        })
        .where('id', '=', id)
        .execute()
      await writeSeen(tx, id, found)
      await keep(tx)
    }),
  )
}

export const nameTaken = (name: string): SlipwayError =>
  new SlipwayError('cluster-conflict', `${name} is the name of a cluster that Slipway has made`, {
    remedy: `Discover it under another name. To see how ${name} is: slipway status ${name}.`,
    facts: { cluster: name },
  })

const batch = 500

async function writeSeen(tx: DatabaseTransaction, cluster: number, { nodes, gone }: Discovered): Promise<void> {
  const before = new Map(
    (await tx.selectFrom('nodes').select(['hostname', 'status']).where('cluster_id', '=', cluster).execute()).map(
      row => [row.hostname, z.enum(nodeStatuses).parse(row.status)] as const,
    ),
  )
  const leads = (hostname: string, to: NodeStatus) => {
    const from = before.get(hostname)
    if (from !== undefined && nodeEventsBetween(from, to) === null)
      throw new SlipwayError('run-state', `a node that is ${from} cannot become ${to}`)
    return from !== undefined
  }
  const seen = nodes.filter(({ hostname, status }) => leads(hostname, status))
  for (let start = 0; start < seen.length; start += batch)
    await sql`
      UPDATE nodes SET
        status = list.status, last_error = list.error, installed_version = list.version,
        adopted = coalesce(nullif(list.adopted, 'null'::jsonb), nodes.adopted),
        status_since = CASE WHEN nodes.status = list.status THEN nodes.status_since ELSE now() END,
        updated = now()
      FROM jsonb_to_recordset(${JSON.stringify(seen.slice(start, start + batch))}::jsonb) AS list (
        hostname text, status text, error text, version text, adopted jsonb)
      WHERE nodes.cluster_id = ${cluster} AND nodes.hostname = list.hostname`.execute(tx)
  const left = gone.filter(hostname => before.get(hostname) !== 'removed' && leads(hostname, 'removed'))
  if (left.length > 0)
    await tx
      .updateTable('nodes')
      .set({ status: 'removed', wanted: false, status_since: sql<string>`now()`, updated: sql<string>`now()` })
      .where('cluster_id', '=', cluster)
      .where('hostname', 'in', left)
      .execute()
}

/** What of a cluster is on record since it was discovered; null: there is no such cluster. */
export async function readDiscovery(
  database: Database,
  cluster: string,
): Promise<{
  readonly type: 'managed' | 'registered'
  readonly uid: string | null
  readonly ca_hash: string | null
} | null> {
  const row = await database
    .selectFrom('clusters')
    .select(['type', 'discovered_uid', 'bootstrap_ca_hash'])
    .where('name', '=', cluster)
    .executeTakeFirst()
  return row ? { type: row.type, uid: row.discovered_uid, ca_hash: row.bootstrap_ca_hash } : null
}

/** Configurations of others that say what is wanted, by hostname. */
export async function readAdopted(
  database: Database,
  cluster: string,
): Promise<ReadonlyMap<string, AdoptedConfiguration>> {
  const rows = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .select(['nodes.hostname', 'nodes.adopted'])
    .where('clusters.name', '=', cluster)
    .where('nodes.adopted', 'is not', null)
    .execute()
  return new Map(
    rows.flatMap(({ hostname, adopted }) => {
      const read = adoptedConfiguration.safeParse(adopted)
      return read.success ? [[hostname, read.data] as const] : []
    }),
  )
}
