import { sql } from 'kysely'
import { z } from 'zod'
import { canonicalAddress } from '../domain/addresses.ts'
import { ansibleIp, type ClusterFile, type ClusterSpec } from '../domain/cluster.ts'
import { machineOfToken } from '../domain/machineToken.ts'
import { type Finding, SlipwayError } from '../domain/errors.ts'
import type { Database } from './tables.ts'

/** An address that another cluster has. */
interface Clash {
  readonly address: string
  readonly cluster: string
  /** Whose it is there; null: it is that cluster's VIP. */
  readonly hostname: string | null
}

const withVip = z.object({ vip: z.object({ address: z.string() }) })

/** The VIP that a cluster file has put on the servers, whatever the distribution. */
export const vipOf = (spec: ClusterSpec): string | null => withVip.safeParse(spec).data?.vip.address ?? null

/** @throws SlipwayError `cluster-conflict` when another cluster has one of the addresses. */
export async function refuseAddressClashes(database: Database, desired: ClusterFile): Promise<void> {
  const clashes = await addressClashes(database, desired)
  if (clashes.length > 0) throw conflict(desired, clashes)
}

/** Names whose addresses they are, where the database itself has refused them. */
export const clashError = async (database: Database, desired: ClusterFile, cause: unknown): Promise<SlipwayError> =>
  conflict(desired, await addressClashes(database, desired), cause)

async function addressClashes(database: Database, { metadata, spec }: ClusterFile): Promise<Clash[]> {
  const addresses = JSON.stringify([
    // That of a machine is looked at when it is made.
    ...spec.nodes.map(ansibleIp).filter(address => machineOfToken(address) === null),
    ...[vipOf(spec) ?? []].flat(),
  ])
  const { rows } = await sql<Clash>`
    WITH wanted AS (SELECT value::inet AS address FROM jsonb_array_elements_text(${addresses}::jsonb)),
    known AS (
      SELECT nodes.ansible_ip AS address, clusters.name AS cluster, nodes.hostname, nodes.position
      FROM nodes JOIN clusters ON clusters.id = nodes.cluster_id
      WHERE nodes.status <> 'removed'
      UNION ALL
      SELECT (spec #>> '{vip,address}')::inet, name, NULL, NULL
      FROM clusters WHERE spec #>> '{vip,address}' IS NOT NULL
    )
    SELECT host(address) AS address, cluster, hostname
    FROM known
    WHERE cluster <> ${metadata.name} AND address IN (SELECT address FROM wanted)
    ORDER BY cluster, position`.execute(database)
  return rows
}

function conflict(desired: ClusterFile, clashes: readonly Clash[], cause?: unknown): SlipwayError {
  const findings = clashes.map(({ address, cluster, hostname }): Finding => {
    const own = desired.spec.nodes.find(node => canonicalAddress(ansibleIp(node)) === canonicalAddress(address))
    return {
      name: 'address-taken',
      severity: 'error',
      about: own ? `node ${own.hostname}` : 'spec.vip.address',
      message:
        hostname === null
          ? `${address} is the VIP of cluster ${cluster}`
          : `${address} is the address of node ${hostname} in cluster ${cluster}`,
      remedy: `Take another address; or ${
        hostname === null
          ? `take it out of the file of ${cluster} and apply that one`
          : `take that node out of its cluster: slipway scale remove ${cluster} ${hostname}`
      }, or, where the whole cluster is not needed any more, slipway uninstall ${cluster}.`,
    }
  })
  const first = findings[0]?.message ?? 'an address was taken by another node at the same moment'
  return new SlipwayError('cluster-conflict', `cluster ${desired.metadata.name}: ${first}`, { findings, cause })
}
