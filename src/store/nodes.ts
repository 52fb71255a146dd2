import type { Selectable } from 'kysely'
import { z } from 'zod'
import { type NodeSpec, nodeSpec, type SshSettings, sshSettings } from '../domain/cluster.ts'
import { type NodeRole, nodeRoles, type NodeStatus, nodeStatuses } from '../domain/lifecycle.ts'
import { type MachineAddresses, machineOfToken, machinesIn } from '../domain/machineToken.ts'
import { storedStateRefused } from '../domain/storedStateRefused.ts'
import { readMachineAddresses } from './machineAddresses.ts'
import { rawNode } from './storedSpec.ts'
import type { Database, Tables } from './tables.ts'

export interface NodeRecord {
  readonly hostname: string
  readonly internal_ip: string
  readonly external_ip: string | null
  readonly use_external_ip: boolean
  /** Derived: the address that SSH and Ansible use; `machine:NAME` while that one has none. */
  readonly ansible_ip: string
  readonly role: NodeRole
  readonly status: NodeStatus
  /** False when the desired state no longer names it; it stays until a run removes it. */
  readonly wanted: boolean
  /** As the distribution names them. */
  readonly node_vars: NonNullable<NodeSpec['node_vars']>
  readonly ssh: SshSettings
  readonly installed_version: string | null
  readonly last_error: string | null
  /** It was left out of what was done to the others, and is to be caught up; null when it is up to date. */
  readonly behind: { readonly since: string; readonly reason: string } | null
  readonly created: string
  readonly updated: string
  readonly status_since: string
}

/** All nodes on record of a cluster, removed ones as well, in the file's order. */
export const nodeRows = (database: Database, cluster: number): Promise<Selectable<Tables['nodes']>[]> =>
  database.selectFrom('nodes').selectAll().where('cluster_id', '=', cluster).orderBy('position').orderBy('id').execute()

export interface NodePage {
  /** Where the last page ended. */
  readonly after?: number
  /** Default: all. */
  readonly limit?: number
  readonly removed?: boolean
}

/**
 * Nodes in the file's order, without removed ones unless asked for. Empty when there is no such cluster.
 * @throws SlipwayError `stored-state-refused`.
 */
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
  const machines = await readMachineAddresses(database, machinesIn(rows.map(row => row.internal_ip)))
  return rows.map(row => nodeRecord(cluster, row, machines))
}

const nodeState = (row: Selectable<Tables['nodes']>) => ({
  hostname: row.hostname,
  status: z.enum(nodeStatuses).parse(row.status),
  installed_version: row.installed_version,
  behind: row.behind_since === null ? null : { since: row.behind_since, reason: row.behind_reason ?? '' },
})

const storedSettings = z.object({ node_vars: z.record(z.string(), z.unknown()), ssh: sshSettings })

function nodeRecord(cluster: string, row: Selectable<Tables['nodes']>, machines: MachineAddresses): NodeRecord {
  const settings = storedSettings.safeParse({ node_vars: row.node_vars ?? {}, ssh: row.ssh ?? {} })
  if (!settings.success) throw storedStateRefused(cluster, settings.error, `node ${row.hostname}`)
  const reached = machines.get(machineOfToken(row.internal_ip) ?? '')?.reached
  return { ...fieldsOf(row), ansible_ip: row.ansible_ip ?? reached ?? row.internal_ip, ...settings.data }
}

const fieldsOf = (row: Selectable<Tables['nodes']>) => ({
  ...nodeState(row),
  internal_ip: row.internal_ip,
  external_ip: row.external_ip,
  use_external_ip: row.use_external_ip ?? false,
  role: z.enum(nodeRoles).parse(row.role),
  wanted: row.wanted,
  last_error: row.last_error,
  created: row.created,
  updated: row.updated,
  status_since: row.status_since,
})

/**
 * Nodes on record that a desired state does not name, as they were described last; none of a cluster that is not on
 * record. Settings that this version refuses are left out: such a node hides no other one.
 */
export async function listDroppedNodes(
  database: Database,
  cluster: string,
  named: readonly string[],
): Promise<NodeSpec[]> {
  const rows = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .selectAll('nodes')
    .where('clusters.name', '=', cluster)
    .where('nodes.status', '<>', 'removed')
    .orderBy('nodes.position')
    .execute()
  const wanted = new Set(named)
  return rows.flatMap(row => (wanted.has(row.hostname) ? [] : (nodeSpec.safeParse(rawNode(row)).data ?? [])))
}
