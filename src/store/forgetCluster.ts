import { sql, type SqlBool } from 'kysely'
import type { DatabaseTransaction } from './tables.ts'

/**
 * Takes a cluster off the record, with its nodes and all that is secret of it: its name and addresses are free. What has
 * happened to it stays, and so does its lease: the fences of its machines go on growing from there.
 */
export async function forgetCluster(tx: DatabaseTransaction, cluster: string): Promise<void> {
  await tx.deleteFrom('clusters').where('name', '=', cluster).execute()
  await tx
    .deleteFrom('credentials')
    .where(sql<SqlBool>`starts_with(name, ${`${cluster}/`})`)
    .execute()
  await tx.deleteFrom('host_keys').where('cluster', '=', cluster).execute()
}
