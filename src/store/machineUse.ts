import { sql } from 'kysely'
import { isIP } from 'node:net'
import { z } from 'zod'
import { nodeStatuses, type NodeStatus } from '../domain/lifecycle.ts'
import type { AddressHolder } from '../domain/machine.ts'
import { machineToken } from '../domain/machineToken.ts'
import { wasMember } from '../domain/recordedCluster.ts'
import type { Database } from './tables.ts'

export interface NodeOnMachine {
  readonly cluster: string
  readonly hostname: string
  readonly status: NodeStatus
  /** The cluster has it, or had it. */
  readonly member: boolean
  /** Of a server: the other ones that are not at work as far as the record tells. */
  readonly serversAway: readonly string[]
}

/** The node that is on a machine: one that names it, or one of its name at one of its addresses. Null: of no cluster. */
export async function findMachineUse(
  database: Database,
  name: string,
  addresses: readonly string[],
): Promise<NodeOnMachine | null> {
  const row = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .where('nodes.status', '<>', 'removed')
    .where(eb =>
      eb.or([
        eb('nodes.internal_ip', '=', machineToken(name)),
        eb.and([eb('nodes.hostname', '=', name), isAt(addresses)]),
      ]),
    )
    .select(['clusters.name as cluster', 'nodes.hostname', 'nodes.role', 'nodes.status', 'nodes.installed_version'])
    .executeTakeFirst()
  if (!row) return null
  const { cluster, hostname, installed_version } = row
  const status = z.enum(nodeStatuses).parse(row.status)
  const member = wasMember({ status, installed_version })
  const serversAway = row.role === 'worker' ? [] : await serversAwayBeside(database, cluster, hostname)
  return { cluster, hostname, status, member, serversAway }
}

async function serversAwayBeside(database: Database, cluster: string, hostname: string): Promise<readonly string[]> {
  const rows = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .where('clusters.name', '=', cluster)
    .where('nodes.role', '<>', 'worker')
    .where('nodes.hostname', '<>', hostname)
    .where('nodes.status', '<>', 'removed')
    .where(eb => eb.or([eb('nodes.status', '<>', 'active'), eb('nodes.behind_since', 'is not', null)]))
    .select('nodes.hostname')
    .orderBy('nodes.hostname')
    .execute()
  return rows.map(row => row.hostname)
}

/** Who else has one of these addresses on record; null: nobody. */
export async function findAddressHolder(
  database: Database,
  name: string,
  addresses: readonly string[],
): Promise<AddressHolder | null> {
  if (addresses.length === 0) return null
  const machine = await database
    .selectFrom('machines')
    .select('name')
    .where('name', '<>', name)
    .where(sql<boolean>`addresses ?| ${sql.val([...addresses])}::text[]`)
    .executeTakeFirst()
  if (machine) return { kind: 'machine', what: `machine ${machine.name}` }
  const node = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .where('nodes.status', '<>', 'removed')
    .where('nodes.hostname', '<>', name)
    // Where a machine is, its own record says.
    .where('nodes.internal_ip', 'not like', machineToken('%'))
    .where(isAt(addresses))
    .select(['clusters.name as cluster', 'nodes.hostname'])
    .executeTakeFirst()
  return node ? { kind: 'node', what: `node ${node.hostname} of cluster ${node.cluster}` } : null
}

const isAt = (addresses: readonly string[]) =>
  sql<boolean>`nodes.ansible_ip = ANY(${sql.val(addresses.filter(one => isIP(one) !== 0))}::inet[])`
