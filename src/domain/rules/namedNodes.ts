import { canonicalAddress } from '../addresses.ts'
import { addressesOf } from '../cluster.ts'
import type { Finding } from '../errors.ts'
import type { NodeRole } from '../lifecycle.ts'
import { type RecordedCluster, type RecordedNode, wasMember } from '../recordedCluster.ts'

type Nodes = Pick<RecordedCluster, 'nodes'>

/** Who is named must be on record and in the cluster, and be named once. */
export const namedNodeFindings = (names: readonly string[], { nodes }: Nodes): Finding[] => [
  ...namedFindings(names, { nodes }),
  ...nodes
    .filter(node => names.includes(node.hostname) && !wasMember(node))
    .map(
      ({ hostname, status }): Finding => ({
        name: 'not-a-member',
        severity: 'error',
        about: `node ${hostname}`,
        message: `it is ${status}, and not in the cluster yet`,
        remedy: 'Bring it into the cluster first: slipway apply.',
      }),
    ),
]

function namedFindings(names: readonly string[], { nodes }: Nodes): Finding[] {
  return [...new Set(names)].flatMap((name): Finding[] => {
    const about = `node ${name}`
    const node = nodes.find(({ hostname }) => hostname === name)
    if (names.filter(other => other === name).length > 1)
      return [
        { name: 'named-twice', severity: 'error', about, message: 'it is named twice', remedy: 'Name each node once.' },
      ]
    return node ? [] : [notOnRecord(name, nodes)]
  })
}

function notOnRecord(name: string, nodes: readonly RecordedNode[]): Finding {
  const known = nodes.map(({ hostname }) => hostname)
  return {
    name: 'node-not-on-record',
    severity: 'error',
    about: `node ${name}`,
    message: 'the cluster has no such node on record',
    remedy: `Name one of ${known.slice(0, 10).join(', ')}${known.length > 10 ? ' …' : ''}.`,
  }
}

/** Pods that are evicted need another place. */
export function noRoomFindings(names: readonly string[], { nodes }: Nodes): Finding[] {
  const workers = nodes.filter(({ role }) => role === 'worker')
  const others = nodes.filter(({ hostname, status }) => status === 'active' && !names.includes(hostname))
  const left = workers.length > 0 ? others.filter(({ role }) => role === 'worker') : others
  if (left.length > 0) return []
  return [
    {
      name: 'no-room-for-pods',
      severity: 'warning',
      about: 'cluster',
      message: `no ${workers.length > 0 ? 'worker' : 'node'} is left that takes the pods`,
      remedy: 'Uncordon or add one first, or accept it: pods stay pending until one takes them.',
    },
  ]
}

interface Desired {
  readonly nodes: readonly { readonly hostname: string; readonly internal_ip?: string; readonly role?: NodeRole }[]
}

interface Leaving {
  readonly nodes: readonly string[]
  /** Of these, who is wanted all the same, and joins anew. */
  readonly returning: readonly string[]
}

/**
 * Who leaves must be on record, must not be wanted any more unless it returns, and must leave room for the pods that it may
 * have. That it never became a member is no reason to keep it.
 */
export function removalFindings(
  { nodes: names, returning }: Leaving,
  desired: Desired,
  recorded: Nodes | null,
): Finding[] {
  const nodes = recorded ?? { nodes: [] }
  const wanted = new Set(desired.nodes.map(({ hostname }) => hostname))
  const named = names
    .filter(name => wanted.has(name) && !returning.includes(name))
    .map(
      (name): Finding => ({
        name: 'removed-and-named',
        severity: 'error',
        about: `node ${name}`,
        message: 'it is to be removed, and the file names it',
        remedy: `Take it out of the file, or do not remove it. Where its machine was installed anew or is another one: slipway node replace CLUSTER ${name} ${name}=ADDRESS.`,
      }),
    )
  const hasMembers = nodes.nodes.some(node => names.includes(node.hostname) && wasMember(node))
  return [
    ...namedFindings(names, nodes),
    ...named,
    ...keptAddressFindings(names, desired, nodes),
    ...(hasMembers && !bringsRoom(desired, returning, nodes) ? noRoomFindings(names, nodes) : []),
  ]
}

/** Whether a node joins, now or anew, that takes pods as those do that are there. */
function bringsRoom(desired: Desired, returning: readonly string[], { nodes }: Nodes): boolean {
  const members = new Set(nodes.flatMap(node => (wasMember(node) ? [node.hostname] : [])))
  const hasWorkers = nodes.some(({ role }) => role === 'worker')
  return desired.nodes.some(
    ({ hostname, role }) =>
      (returning.includes(hostname) || !members.has(hostname)) && (!hasWorkers || role === 'worker'),
  )
}

/** Until a node has left, its address is its own: behind it is the machine that may have to be cleaned. */
function keptAddressFindings(names: readonly string[], desired: Desired, { nodes }: Nodes): Finding[] {
  const leaving = nodes.filter(({ hostname }) => names.includes(hostname))
  return desired.nodes.flatMap(({ hostname, internal_ip }): Finding[] => {
    const own = addressesOf(internal_ip).map(canonicalAddress)
    const holder = leaving.find(
      node =>
        node.hostname !== hostname && addressesOf(node.internal_ip).some(one => own.includes(canonicalAddress(one))),
    )
    if (!holder) return []
    return [
      {
        name: 'address-kept',
        severity: 'error',
        about: `node ${hostname}`,
        message: `${internal_ip} is the address of ${holder.hostname} until that one has left the cluster`,
        remedy: `Let ${holder.hostname} leave first, with slipway scale remove, and bring ${hostname} in then.`,
      },
    ]
  })
}
