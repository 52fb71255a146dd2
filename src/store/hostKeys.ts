import type { Database } from './tables.ts'

/**
 * Host keys are pinned a cluster: the first contact records them. Returns the lines that hold, which are others
 * than those given when somebody was first. Lines are in the format of known_hosts.
 */
export async function pinHostKey(database: Database, cluster: string, host: string, lines: string): Promise<string> {
  await database
    .insertInto('host_keys')
    .values({ cluster, host, key_lines: lines })
    .onConflict(conflicting => conflicting.columns(['cluster', 'host']).doNothing())
    .execute()
  const pinned = await database
    .selectFrom('host_keys')
    .select('key_lines')
    .where('cluster', '=', cluster)
    .where('host', '=', host)
    .executeTakeFirst()
  return pinned?.key_lines ?? lines
}

export interface HostKey {
  readonly host: string
  readonly key_lines: string
}

export async function listHostKeys(database: Database, cluster: string): Promise<HostKey[]> {
  return database
    .selectFrom('host_keys')
    .select(['host', 'key_lines'])
    .where('cluster', '=', cluster)
    .orderBy('host')
    .execute()
}

/** Of several clusters at once. */
export async function hostKeysOf(
  database: Database,
  clusters: readonly string[],
): Promise<(HostKey & { readonly cluster: string })[]> {
  if (clusters.length === 0) return []
  return database
    .selectFrom('host_keys')
    .select(['cluster', 'host', 'key_lines'])
    .where('cluster', 'in', [...clusters])
    .execute()
}

/** A machine was reinstalled on purpose: the next contact pins its new key. Returns whether there was one. */
export async function forgetHostKey(database: Database, cluster: string, host: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('host_keys')
    .where('cluster', '=', cluster)
    .where('host', '=', host)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
