import { isDeepStrictEqual } from 'node:util'
import { canonicalAddress } from '../addresses.ts'
import { addressesOf, type NodeSpec } from '../cluster.ts'
import { type Finding, SlipwayError } from '../errors.ts'
import { machineOfToken } from '../machineToken.ts'
import type { RecordedCluster } from '../recordedCluster.ts'
import { withoutNodes } from './withoutNodes.ts'

/** A node as it is asked for: what it does not say, it has from the one in whose place it comes. */
export type Newcomer = Readonly<Record<string, unknown>> & { readonly hostname: string }

interface Replacing {
  readonly cluster: string
  readonly nodes: readonly NodeSpec[]
  /** Who leaves. */
  readonly node: string
  readonly by: Newcomer
}

/** Who is replaced, and all that is said of who comes. */
export interface Replacement {
  readonly old: NodeSpec
  readonly newcomer: Newcomer
}

/**
 * Who comes in the place of a node: in its role (that of the first server goes to one that is there), and with its SSH
 * settings, node_vars and files, as far as it brings none. One of its name at its address is the same machine, with all that
 * is said of it. Null: that is desired already, as when a command is given again, and the other one has only to leave.
 * @throws SlipwayError `preflight-failed` for one that cannot come.
 */
export function replacementOf({ cluster, nodes, node: name, by }: Replacing): Replacement | null {
  const returns = by.hostname === name
  const old = nodes.find(({ hostname }) => hostname === name)
  const known = returns ? undefined : nodes.find(({ hostname }) => hostname === by.hostname)
  if (known && (old || !isAt(known, by)))
    throw refused('replaced-by-a-node', by.hostname, takenName(cluster, known, name))
  if (known) return null
  if (!old) throw refused('node-not-on-record', name, notDesired(nodes))
  const role = old.role === 'worker' ? 'worker' : 'master'
  if (by['role'] !== undefined && by['role'] !== role) throw refused('role-differs', by.hostname, otherRole(name, role))
  const kept = returns && isAt(old, by) ? old : settingsOf(old, by)
  return { old, newcomer: { ...kept, ...by, role } }
}

/**
 * All that is said of a node but which machine it is: its distribution may know more than stands here. How its machine is
 * made holds for the new one where Slipway makes that as well.
 */
function settingsOf(node: NodeSpec, by: Newcomer): Readonly<Record<string, unknown>> {
  const {
    hostname: _name,
    internal_ip: _ip,
    external_ip: _outside,
    use_external_ip: _uses,
    role: _role,
    ...rest
  } = node
  const { machine, ...settings }: Readonly<Record<string, unknown>> = rest
  const { internal_ip: address } = by
  const isMade = typeof address === 'string' && machineOfToken(address) !== null
  return { ...settings, ...(machine !== undefined && isMade && { machine }) }
}

/** The nodes of the cluster then. @throws SlipwayError as `withoutNodes`. */
export function replaced(
  nodes: readonly NodeSpec[],
  { old, newcomer }: { readonly old: NodeSpec; readonly newcomer: NodeSpec },
  successor: string | null,
  recorded: Pick<RecordedCluster, 'nodes'>,
): NodeSpec[] {
  const staying = withoutNodes(nodes, { names: [old.hostname], successor }, recorded)
  return staying.toSpliced(nodes.indexOf(old), 0, newcomer)
}

/** Whether this is the address of a node; one that says none is where it was. */
function isAt({ internal_ip }: NodeSpec, { internal_ip: given = internal_ip }: Newcomer): boolean {
  if (typeof given !== 'string') return false
  return isDeepStrictEqual(addressesOf(internal_ip).map(canonicalAddress), addressesOf(given).map(canonicalAddress))
}

type Told = Pick<Finding, 'message' | 'remedy'>

const refused = (name: Finding['name'], hostname: string, { message, remedy }: Told): SlipwayError => {
  const about = `node ${hostname}`
  return new SlipwayError('preflight-failed', `${about}: ${message}`, {
    findings: [{ name, severity: 'error', about, message, remedy }],
  })
}

const takenName = (cluster: string, { internal_ip }: NodeSpec, old: string): Told => ({
  message: `the cluster has it already, at ${internal_ip}`,
  remedy: `Name a machine that is to come; or, where ${old} is only to leave: slipway scale remove ${cluster} ${old}.`,
})

const otherRole = (old: string, role: NodeSpec['role']): Told => ({
  message: `it comes in the place of ${old}, as a ${role}, and another role is asked for`,
  remedy: 'Leave its role out.',
})

const notDesired = (nodes: readonly NodeSpec[]): Told => ({
  message: 'the cluster has no such node that could be replaced',
  remedy: `Name one of ${nodes
    .slice(0, 10)
    .map(({ hostname }) => hostname)
    .join(', ')}${nodes.length > 10 ? ' …' : ''}.`,
})
