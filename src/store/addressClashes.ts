import { sql } from 'kysely'
import { z } from 'zod'
import { ansibleIp, type ClusterFile, type ClusterSpec } from '../domain/cluster.ts'
import { machineOfToken } from '../domain/machineToken.ts'
import { type Finding, SlipwayError } from '../domain/errors.ts'
import type { Database } from './tables.ts'

/** An address, or a machine, that another cluster has. */
interface Clash {
  readonly address: string | null
  /** The machine that both name; null: they have no more than an address in common. */
  readonly machine: string | null
  /** Node that wants it; null: it is wanted as the VIP. */
  readonly own: string | null
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
  const nodes = spec.nodes.map(node => {
    const address = ansibleIp(node)
    const machine = machineOfToken(address)
    return { own: node.hostname, machine, address: machine === null ? address : null }
  })
  const vips = [vipOf(spec) ?? []].flat().map(address => ({ own: null, machine: null, address }))
  // Of a machine the addresses count that it was seen at; one that was not made yet has none.
  const { rows } = await sql<Clash>`
    WITH wanted AS (
      SELECT given.own, given.machine, coalesce(given.address::inet, seen.address::inet) AS address
      FROM jsonb_to_recordset(${JSON.stringify([...nodes, ...vips])}::jsonb)
        AS given(own text, machine text, address text)
      LEFT JOIN machines ON machines.name = given.machine
      LEFT JOIN LATERAL jsonb_array_elements_text(machines.addresses) AS seen(address) ON true
    ),
    known AS (
      SELECT coalesce(nodes.ansible_ip, seen.address::inet) AS address, machines.name AS machine,
        clusters.name AS cluster, nodes.hostname, nodes.position
      FROM nodes JOIN clusters ON clusters.id = nodes.cluster_id
      LEFT JOIN machines ON nodes.internal_ip = 'machine:' || machines.name
      LEFT JOIN LATERAL jsonb_array_elements_text(machines.addresses) AS seen(address) ON true
      WHERE nodes.status <> 'removed'
      UNION ALL
      SELECT (spec #>> '{vip,address}')::inet, NULL, name, NULL, NULL
      FROM clusters WHERE spec #>> '{vip,address}' IS NOT NULL
    ),
    -- Two joins: one of both conditions at once would compare each of them with each.
    clashes AS (
      SELECT known.*, own, known.machine = wanted.machine AS is_same FROM known JOIN wanted USING (address)
      UNION ALL
      SELECT known.*, own, true FROM known JOIN wanted USING (machine)
    )
    SELECT DISTINCT ON (cluster, position, hostname, own) host(address) AS address,
      CASE WHEN is_same THEN machine END AS machine, own, cluster, hostname
    FROM clashes
    WHERE cluster <> ${metadata.name}
    ORDER BY cluster, position, hostname, own`.execute(database)
  return rows
}

function conflict(desired: ClusterFile, clashes: readonly Clash[], cause?: unknown): SlipwayError {
  const findings = clashes.map(({ address, machine, own, cluster, hostname }): Finding => {
    const [what, is, another] =
      machine === null ? [address, 'the address', 'address'] : [`machine ${machine}`, 'that', 'machine']
    return {
      name: 'address-taken',
      severity: 'error',
      about: own === null ? 'spec.vip.address' : `node ${own}`,
      message:
        hostname === null
          ? `${what} is the VIP of cluster ${cluster}`
          : `${what} is ${is} of node ${hostname} in cluster ${cluster}`,
      remedy: `Take another ${another}; or ${
        hostname === null
          ? `take it out of the file of ${cluster} and apply that one`
          : `take that node out of its cluster: slipway scale remove ${cluster} ${hostname}`
      }, or, where the whole cluster is not needed any more, slipway uninstall ${cluster}.`,
    }
  })
  const first = findings[0]?.message ?? 'an address was taken by another node at the same moment'
  return new SlipwayError('cluster-conflict', `cluster ${desired.metadata.name}: ${first}`, { findings, cause })
}
