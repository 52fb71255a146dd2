import { isServer, type NodeSpec } from '../cluster.ts'
import { type Finding, SlipwayError } from '../errors.ts'
import type { RecordedCluster } from '../recordedCluster.ts'

interface Leaving {
  readonly names: readonly string[]
  /** Who is to take the first server's role over; null: the first other server that is active on record. */
  readonly successor: string | null
}

/**
 * The nodes of a cluster without those that leave. Where the first server is among them, another server of the file has
 * its role. Pure.
 * @throws SlipwayError `preflight-failed` when nobody can take the role over, `usage` for a successor who is not needed.
 */
export function withoutNodes(
  nodes: readonly NodeSpec[],
  { names, successor }: Leaving,
  recorded: Pick<RecordedCluster, 'nodes'>,
): NodeSpec[] {
  const first = nodes.find(({ role }) => role === 'initial_master')
  const staying = nodes.filter(({ hostname }) => !names.includes(hostname))
  if (!first || staying.includes(first)) {
    if (successor === null || successor === first?.hostname) return staying
    throw new SlipwayError(
      'usage',
      `${successor} cannot take over the role of the first server: ${first?.hostname ?? 'it'} has it, and stays`,
      { remedy: 'Leave --successor out: it names who takes the role of a first server that leaves.' },
    )
  }
  const heir = heirOf(first.hostname, staying.filter(isServer), successor, recorded)
  return staying.map(node => (node === heir ? { ...node, role: 'initial_master' } : node))
}

function heirOf(
  first: string,
  servers: readonly NodeSpec[],
  successor: string | null,
  { nodes }: Pick<RecordedCluster, 'nodes'>,
): NodeSpec {
  if (servers.length === 0)
    throw noSuccessor(first, 'it is the only server, and holds all data of the cluster', 'Add another server first.')
  const named = servers.find(({ hostname }) => hostname === successor)
  if (named) return named
  const names = servers.map(({ hostname }) => hostname).join(', ')
  if (successor !== null)
    throw noSuccessor(
      first,
      `${successor} is no server that stays, and cannot take its role over`,
      `Name one of ${names}.`,
    )
  const isActive = ({ hostname }: NodeSpec) =>
    nodes.some(node => node.hostname === hostname && node.status === 'active' && node.behind === null)
  const heir = servers.find(isActive)
  if (heir) return heir
  throw noSuccessor(
    first,
    `none of the servers that could take its role over is active on record (${names})`,
    `Bring one of them back (slipway apply), or name who is to have the role: --successor ${servers[0]?.hostname}.`,
  )
}

function noSuccessor(first: string, message: string, remedy: string): SlipwayError {
  const about = `node ${first}`
  const finding: Finding = { name: 'no-successor', severity: 'error', about, message, remedy }
  return new SlipwayError('preflight-failed', `${about}: ${message}`, { findings: [finding] })
}
