import { sql } from 'kysely'
import { isIP } from 'node:net'
import type { Database } from './tables.ts'

/** The node that a machine is: of its name, at one of its addresses, and not removed. Null: of no cluster. */
export async function findMachineUse(
  database: Database,
  name: string,
  addresses: readonly string[],
): Promise<{ readonly cluster: string; readonly status: string } | null> {
  const row = await atAddresses(database, addresses)
    .where('nodes.hostname', '=', name)
    .select(['clusters.name as cluster', 'nodes.status'])
    .executeTakeFirst()
  return row ?? null
}

/** Who else has one of these addresses on record, for people; null: nobody. */
export async function findAddressHolder(
  database: Database,
  name: string,
  addresses: readonly string[],
): Promise<string | null> {
  if (addresses.length === 0) return null
  const machine = await database
    .selectFrom('machines')
    .select('name')
    .where('name', '<>', name)
    .where(sql<boolean>`addresses ?| ${sql.val([...addresses])}::text[]`)
    .executeTakeFirst()
  if (machine) return `machine ${machine.name}`
  const node = await atAddresses(database, addresses)
    .where('nodes.hostname', '<>', name)
    .select(['clusters.name as cluster', 'nodes.hostname'])
    .executeTakeFirst()
  return node ? `node ${node.hostname} of cluster ${node.cluster}` : null
}

const atAddresses = (database: Database, addresses: readonly string[]) =>
  database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .where('nodes.status', '<>', 'removed')
    .where(sql<boolean>`nodes.ansible_ip = ANY(${sql.val(addresses.filter(one => isIP(one) !== 0))}::inet[])`)
