import type { Selectable } from 'kysely'
import { z } from 'zod'
import { type NodeSpec, nodeSpec, type SshSettings, sshSettings } from '../domain/cluster.ts'
import { type NodeRole, nodeRoles, type NodeStatus, nodeStatuses } from '../domain/lifecycle.ts'
import { type NodeVars, nodeVars } from '../domain/rke2Config.ts'
import type { Database, Tables } from './tables.ts'

export interface NodeRecord {
  readonly hostname: string
  readonly internal_ip: string
  readonly external_ip: string | null
  readonly use_external_ip: boolean
  /** Derived: the address that SSH and Ansible use. */
  readonly ansible_ip: string
  readonly role: NodeRole
  readonly status: NodeStatus
  /** False when the desired state no longer names it; it stays until a run removes it. */
  readonly wanted: boolean
  readonly node_vars: NodeVars
  readonly ssh: SshSettings
  readonly installed_version: string | null
  readonly last_error: string | null
  /** It was left out of what was done to the others, and is to be caught up; null when it is up to date. */
  readonly behind: { readonly since: string; readonly reason: string } | null
  readonly created: string
  readonly updated: string
  readonly status_since: string
}

export interface NodePage {
  /** Where the last page ended. */
  readonly after?: number
  /** Default: all. */
  readonly limit?: number
  readonly removed?: boolean
}

/** Nodes in the file's order, without removed ones unless asked for. Empty when there is no such cluster. */
export async function listNodes(database: Database, cluster: string, page: NodePage = {}): Promise<NodeRecord[]> {
  const rows = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .selectAll('nodes')
    .where('clusters.name', '=', cluster)
    .$if(page.removed !== true, query => query.where('nodes.status', '<>', 'removed'))
    .orderBy('nodes.position')
    .orderBy('nodes.id')
    .$if(page.after !== undefined, query => query.offset(page.after ?? 0))
    .$if(page.limit !== undefined, query => query.limit(page.limit ?? 0))
    .execute()
  return rows.map(nodeRecord)
}

export const nodeRecord = (row: Selectable<Tables['nodes']>): NodeRecord => ({
  hostname: row.hostname,
  internal_ip: row.internal_ip,
  external_ip: row.external_ip,
  use_external_ip: row.use_external_ip ?? false,
  ansible_ip: row.ansible_ip,
  role: z.enum(nodeRoles).parse(row.role),
  status: z.enum(nodeStatuses).parse(row.status),
  wanted: row.wanted,
  node_vars: nodeVars.parse(row.node_vars ?? {}),
  ssh: sshSettings.parse(row.ssh ?? {}),
  installed_version: row.installed_version,
  last_error: row.last_error,
  behind: row.behind_since === null ? null : { since: row.behind_since, reason: row.behind_reason ?? '' },
  created: row.created,
  updated: row.updated,
  status_since: row.status_since,
})

/** The node as the file says it: what was not said is not there. */
export const nodeSpecOf = (row: Selectable<Tables['nodes']>): NodeSpec => ({
  hostname: row.hostname,
  internal_ip: row.internal_ip,
  ...(row.external_ip !== null && { external_ip: row.external_ip }),
  ...(row.use_external_ip !== null && { use_external_ip: row.use_external_ip }),
  role: z.enum(nodeRoles).parse(row.role),
  ...(row.node_vars !== null && { node_vars: nodeSpec.shape.node_vars.parse(row.node_vars) }),
  ...(row.ssh !== null && { ssh: sshSettings.parse(row.ssh) }),
})

export interface DroppedNode {
  readonly hostname: string
  /** It has been a working member; otherwise its installation was begun and never finished. */
  readonly member: boolean
}

/** Nodes on which something was begun and that a desired state no longer names; none of a cluster that is not on record. */
export async function droppedNodes(
  database: Database,
  cluster: string,
  named: readonly string[],
): Promise<DroppedNode[]> {
  const rows = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .select(['nodes.hostname', 'nodes.status', 'nodes.installed_version'])
    .where('clusters.name', '=', cluster)
    .where('nodes.status', 'not in', ['pending', 'removed'])
    .orderBy('nodes.position')
    .execute()
  const wanted = new Set(named)
  return rows.flatMap(row => (wanted.has(row.hostname) ? [] : [{ hostname: row.hostname, member: wasMember(row) }]))
}

/** A version is on record from the moment on at which a node works. */
export const wasMember = ({
  status,
  installed_version,
}: Pick<Selectable<Tables['nodes']>, 'status' | 'installed_version'>) =>
  installed_version !== null || status === 'active' || status === 'draining'
