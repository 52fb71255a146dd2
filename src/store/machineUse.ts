import { sql } from 'kysely'
import { isIP } from 'node:net'
import type { AddressHolder } from '../domain/machine.ts'
import { machineToken } from '../domain/machineToken.ts'
import type { Database } from './tables.ts'

/** The node that is on a machine: one that names it, or one of its name at one of its addresses. Null: of no cluster. */
export async function findMachineUse(
  database: Database,
  name: string,
  addresses: readonly string[],
): Promise<{ readonly cluster: string; readonly status: string } | null> {
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
    .select(['clusters.name as cluster', 'nodes.status'])
    .executeTakeFirst()
  return row ?? null
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
