import { sql } from 'kysely'
import { z } from 'zod'
import type { DomainChange } from '../domain/changes.ts'
import { SlipwayError } from '../domain/errors.ts'
import {
  nextNodeStatus,
  type NodeEvent,
  type NodeStatus,
  nodeStatuses,
  nodeTransitions,
  wayOut,
} from '../domain/lifecycle.ts'
import type { Subject } from '../domain/subject.ts'
import { clusterRow } from './clusters.ts'
import { nameEtcdMember } from './etcdMembers.ts'
import { forgetCluster } from './forgetCluster.ts'
import { applyMachineChange, type MachineChange } from './machines.ts'
import { clusterOf } from './subjects.ts'
import type { DatabaseTransaction } from './tables.ts'

type ChangeOf<Type extends DomainChange['type']> = Extract<DomainChange, { type: Type }>

/**
 * Writes what a stage reports, in the transaction of the event that caused it. `attempt` is who says it.
 * @throws SlipwayError `run-state` for a status that the lifecycle doesn't allow, `bootstrap-spent`, `not-found`.
 */
export async function applyChanges(
  tx: DatabaseTransaction,
  subject: Subject,
  changes: readonly DomainChange[],
  attempt: string,
): Promise<void> {
  for (const change of changes)
    if ('machine' in change) await applyMachineChange(tx, change)
    else await applyChange(tx, clusterOf(subject), change, attempt)
}

async function applyChange(
  tx: DatabaseTransaction,
  cluster: string,
  change: Exclude<DomainChange, MachineChange>,
  attempt: string,
): Promise<void> {
  const update = tx.updateTable('clusters').where('name', '=', cluster)
  switch (change.type) {
    case 'node':
      return nodeEvent(tx, cluster, change, change.event)
    case 'etcd-member':
      return nameEtcdMember(tx, cluster, change)
    case 'node-works':
      return nodeEvent(tx, cluster, change, 'install', 'ready')
    case 'node-leaves':
      return nodeEvents(tx, cluster, change, from => wayOut(from, change.leaving))
    case 'node-behind':
      return markBehind(tx, cluster, change)
    case 'node-uncordoned':
      return endDraining(tx, cluster, change)
    case 'installation-stage':
      await update.set({ installation_stage: change.stage, updated: sql<string>`now()` }).execute()
      return
    case 'cluster-secret':
      await update.set({ [change.name]: change.value, updated: sql<string>`now()` }).execute()
      return
    case 'bootstrap-claim':
      return claimBootstrap(tx, cluster, change, attempt)
    case 'bootstrap-joiner-started':
      await update.set({ bootstrap_joiner_started: true }).execute()
      return
    case 'bootstrap-done':
      return finishBootstrap(tx, cluster, change)
    case 'etcd-cluster':
      await update.set({ bootstrap_etcd_cluster: change.id }).where('bootstrap_state', '=', 'done').execute()
      return
    case 'cluster-authority':
      await update.set({ bootstrap_ca_hash: change.ca_hash }).where('bootstrap_state', '=', 'done').execute()
      return
    case 'cluster-removed':
      return forgetCluster(tx, cluster)
  }
}

type NodeChange = Pick<ChangeOf<'node'>, 'hostname' | 'error' | 'installed_version'>

/** The events one after the other; a node that already is where the last of them leads stays as it is. */
function nodeEvent(
  tx: DatabaseTransaction,
  cluster: string,
  change: NodeChange,
  ...events: readonly NodeEvent[]
): Promise<void> {
  return nodeEvents(tx, cluster, change, before => (isReached(before, events.at(-1)) ? [] : events))
}

const isReached = (status: NodeStatus, event: NodeEvent | undefined): boolean =>
  nodeTransitions.some(row => row.event === event && row.to === status)

/** @param eventsFrom what happens to a node of this status, one after the other; what has happened already is passed over. */
async function nodeEvents(
  tx: DatabaseTransaction,
  cluster: string,
  change: NodeChange,
  eventsFrom: (before: NodeStatus) => readonly NodeEvent[],
): Promise<void> {
  const node = await tx
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .select(['nodes.id', 'nodes.status'])
    .where('clusters.name', '=', cluster)
    .where('nodes.hostname', '=', change.hostname)
    .forUpdate('nodes')
    .executeTakeFirst()
  if (!node) throw new SlipwayError('not-found', `cluster ${cluster} has no node ${change.hostname}`)
  const before = z.enum(nodeStatuses).parse(node.status)
  const status = eventsFrom(before).reduce(
    (from, event) => (isReached(from, event) ? from : nextNodeStatus(from, event)),
    before,
  )
  await tx
    .updateTable('nodes')
    .set({
      status,
      last_error: change.error ?? (status === 'failed' ? sql<string>`last_error` : null),
      ...(status === 'active' && { behind_since: null, behind_reason: null }),
      // It comes back as one that nothing was done to yet.
      ...(status === 'pending' && { installed_version: null }),
      updated: sql<string>`now()`,
      ...(status !== before && { status_since: sql<string>`now()` }),
      ...(change.installed_version !== undefined && { installed_version: change.installed_version }),
    })
    .where('id', '=', node.id)
    .execute()
}

/** Since when is kept; why it is behind is what was said last. */
async function markBehind(tx: DatabaseTransaction, cluster: string, change: ChangeOf<'node-behind'>): Promise<void> {
  await tx
    .updateTable('nodes')
    .set({ behind_since: sql<string>`coalesce(behind_since, now())`, behind_reason: change.reason })
    .where('hostname', '=', change.hostname)
    .where('cluster_id', '=', eb => eb.selectFrom('clusters').select('id').where('name', '=', cluster))
    .execute()
}

async function endDraining(
  tx: DatabaseTransaction,
  cluster: string,
  change: ChangeOf<'node-uncordoned'>,
): Promise<void> {
  await tx
    .updateTable('nodes')
    .set({
      status: nextNodeStatus('draining', 'cancel'),
      status_since: sql<string>`now()`,
      updated: sql<string>`now()`,
    })
    .where('hostname', '=', change.hostname)
    .where('status', '=', 'draining')
    .where('cluster_id', '=', eb => eb.selectFrom('clusters').select('id').where('name', '=', cluster))
    .execute()
}

/** The right to bootstrap is used once: only the host that holds the claim may continue. */
async function claimBootstrap(
  tx: DatabaseTransaction,
  cluster: string,
  change: ChangeOf<'bootstrap-claim'>,
  attempt: string,
): Promise<void> {
  const claimed = await tx
    .updateTable('clusters')
    .set({ bootstrap_state: 'claimed', bootstrap_machine_id: change.machine_id, bootstrap_attempt: attempt })
    .where('name', '=', cluster)
    .where(eb =>
      eb.or([
        eb('bootstrap_state', '=', 'unused'),
        eb.and([eb('bootstrap_state', '=', 'claimed'), eb('bootstrap_machine_id', '=', change.machine_id)]),
      ]),
    )
    .returning('id')
    .executeTakeFirst()
  if (claimed) return
  const row = await clusterRow(tx, cluster)
  throw new SlipwayError(
    'bootstrap-spent',
    row.bootstrap_state === 'done'
      ? `cluster ${cluster} was bootstrapped already`
      : `the right to bootstrap ${cluster} is claimed by the machine ${row.bootstrap_machine_id}`,
    { facts: { cluster, state: row.bootstrap_state, machine_id: row.bootstrap_machine_id } },
  )
}

async function finishBootstrap(
  tx: DatabaseTransaction,
  cluster: string,
  change: ChangeOf<'bootstrap-done'>,
): Promise<void> {
  const row = await clusterRow(tx, cluster)
  if (row.bootstrap_state === 'done' && row.bootstrap_ca_hash === change.ca_hash) return
  if (row.bootstrap_state !== 'claimed')
    throw new SlipwayError('bootstrap-spent', `the bootstrap of ${cluster} is ${row.bootstrap_state}, not claimed`, {
      facts: { cluster, state: row.bootstrap_state },
    })
  await tx
    .updateTable('clusters')
    .set({
      bootstrap_state: 'done',
      bootstrap_ca_hash: change.ca_hash,
      bootstrap_etcd_cluster: change.etcd_cluster,
    })
    .where('id', '=', row.id)
    .execute()
}
