import { SlipwayError } from '../domain/errors.ts'
import type { Database, DatabaseTransaction } from './tables.ts'

/** What members of etcd are called, by hostname; also those of nodes that were removed. Empty when there is no such cluster. */
export async function readEtcdMembers(database: Database, cluster: string): Promise<ReadonlyMap<string, string>> {
  const rows = await database
    .selectFrom('nodes')
    .innerJoin('clusters', 'clusters.id', 'nodes.cluster_id')
    .select(['nodes.hostname', 'nodes.etcd_member'])
    .where('clusters.name', '=', cluster)
    .where('nodes.etcd_member', 'is not', null)
    .execute()
  return new Map(rows.flatMap(({ hostname, etcd_member }) => (etcd_member === null ? [] : [[hostname, etcd_member]])))
}

/** Said once: a member never gets another name. @throws SlipwayError `cluster-conflict` */
export async function nameEtcdMember(
  tx: DatabaseTransaction,
  cluster: string,
  { hostname, name }: { readonly hostname: string; readonly name: string },
): Promise<void> {
  const named = await tx
    .updateTable('nodes')
    .set({ etcd_member: name })
    .where('hostname', '=', hostname)
    .where('cluster_id', '=', eb => eb.selectFrom('clusters').select('id').where('name', '=', cluster))
    .where(eb => eb.or([eb('etcd_member', 'is', null), eb('etcd_member', '=', name)]))
    .returning('id')
    .executeTakeFirst()
  if (named) return
  throw new SlipwayError(
    'cluster-conflict',
    `the member of etcd on ${hostname} is called otherwise than ${name} already`,
  )
}
