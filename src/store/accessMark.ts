import { sql } from 'kysely'
import type { Database } from './tables.ts'

/**
 * Changes whenever something changes by which the hosts of a cluster are reached: its desired state, a version of a
 * credential of its own, a pinned host key, a configuration of others, the address or the key of a machine; and when another cluster has taken its name.
 */
export async function readAccessMark(database: Database, cluster: string): Promise<string> {
  const { rows } = await sql<{ mark: string }>`
    WITH machine AS (
      SELECT machines.* FROM machines WHERE 'machine:' || machines.name IN (SELECT internal_ip FROM nodes
        JOIN clusters ON clusters.id = cluster_id WHERE clusters.name = ${cluster}))
    SELECT concat_ws(' ',
      (SELECT concat(id, ':', desired_version) FROM clusters WHERE name = ${cluster}),
      (SELECT md5(string_agg(concat_ws(' ', name, addresses::text, internal_address), ' ' ORDER BY name)) FROM machine),
      (SELECT md5(string_agg(name || '@' || version, ' ' ORDER BY name, version)) FROM credentials
        WHERE starts_with(name, ${`${cluster}/`})),
      (SELECT md5(string_agg(host || ' ' || key_lines, ' ' ORDER BY cluster, host)) FROM host_keys
        WHERE cluster = ${cluster} OR cluster IN (SELECT 'machine ' || name FROM machine)),
      (SELECT md5(string_agg(hostname || nodes.adopted::text, ' ' ORDER BY hostname)) FROM nodes
        JOIN clusters ON clusters.id = cluster_id WHERE clusters.name = ${cluster} AND adopted IS NOT NULL)
    ) AS mark`.execute(database)
  return rows[0]?.mark ?? ''
}
