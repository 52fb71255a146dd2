import { readyCondition } from '../../kubernetes/nodeStanding.ts'
import { isIPv6 } from 'node:net'
import type { Finding } from '../../domain/errors.ts'
import { canonicalAddress } from '../../domain/addresses.ts'
import type { NodeRole } from '../../domain/lifecycle.ts'
import { hostname, machineAddress, nodeAddress } from '../../domain/names.ts'
import { shortened } from '../../kubernetes/shortened.ts'
import type { Node } from '../../kubernetes/resources.ts'
import { isControlPlane, isEtcd } from './roles.ts'

/** A node as the API of its cluster shows it. */
export interface FoundNode {
  readonly hostname: string
  readonly role: NodeRole
  /** One address, or one of each family. */
  readonly internal_ip: string
  readonly external_ip: string | null
  /** Of the kubelet. */
  readonly version: string
  /** Why it is not ready; null: it is. */
  readonly failure: string | null
}

export interface FoundNodes {
  /** The first server, then the other servers, then the workers; each by age and name. */
  readonly nodes: readonly FoundNode[]
  /** Nodes that cannot be put on record, and what is odd about the others. */
  readonly findings: readonly Finding[]
}

/**
 * What goes on record of the Nodes of a cluster. The oldest server with a member of etcd is taken for the first one.
 * @param first the one that is on record as the first server, which it stays while it is a server. Pure.
 */
export function foundNodes(all: readonly Node[], first: string | null): FoundNodes {
  const read = all.map(node => ({ node, ...usable(node) }))
  const usableNodes = read.flatMap(({ node, addresses }) => (addresses ? [{ node, addresses }] : [])).toSorted(byAge)
  const servers = usableNodes.filter(({ node }) => isControlPlane(node))
  const voters = servers.filter(({ node }) => isEtcd(node))
  const initial = servers.find(({ node }) => node.metadata.name === first) ?? (voters.length > 0 ? voters : servers)[0]
  const roleOf = (one: (typeof usableNodes)[number]): NodeRole =>
    one === initial ? 'initial_master' : servers.includes(one) ? 'master' : 'worker'
  const order: readonly NodeRole[] = ['initial_master', 'master', 'worker']
  const nodes = usableNodes
    .map(one => foundNode(one.node, roleOf(one), one.addresses))
    .toSorted((a, b) => order.indexOf(a.role) - order.indexOf(b.role))
  const mixed = voters.length > 0 && voters.length < servers.length
  return {
    nodes,
    findings: [
      ...read.flatMap(({ finding }) => finding ?? []),
      ...(mixed ? servers.filter(({ node }) => !isEtcd(node)).map(({ node }) => withoutEtcd(node)) : []),
    ],
  }
}

interface Addresses {
  readonly internal: string
  readonly external: string | null
}
type Usable =
  | { readonly addresses: Addresses; readonly finding: null }
  | { readonly addresses: null; readonly finding: Finding }

function usable({ metadata: { name }, status }: Node): Usable {
  const left = (finding: Pick<Finding, 'name' | 'message' | 'remedy'>): Usable => ({
    addresses: null,
    finding: { severity: 'warning', about: `node ${name}`, ...finding },
  })
  const fault = hostname.safeParse(name).error?.issues[0]?.message
  if (fault !== undefined)
    return left({
      name: 'node-name-unusable',
      message: `it is left out: ${fault}`,
      remedy: 'Slipway leaves it alone. Register it under another name (node-name) if it is to be on record.',
    })
  const of = (type: string, schema: typeof nodeAddress) =>
    oneOfEachFamily(
      (status?.addresses ?? []).flatMap(one =>
        one.type === type && schema.safeParse(one.address).success ? [one.address] : [],
      ),
    )
  const [internal, external] = [of('InternalIP', nodeAddress), of('ExternalIP', machineAddress)]
  const reached = internal ?? external
  if (reached === null)
    return left({
      name: 'node-without-address',
      message: 'it is left out: its Node tells no address at which it could be reached',
      remedy:
        'Look at status.addresses of the Node (kubectl get node NAME -o yaml): its kubelet, or the controller of the cloud, sets them.',
    })
  return { addresses: { internal: reached, external: internal === null ? null : external }, finding: null }
}

/** The first one of each family, in the order in which they are told. */
function oneOfEachFamily(addresses: readonly string[]): string | null {
  const chosen = addresses.filter(
    (address, at) => addresses.findIndex(other => isIPv6(other) === isIPv6(address)) === at,
  )
  return chosen.length === 0 ? null : chosen.map(canonicalAddress).join(',')
}

const ageOf = ({ metadata }: Node): string => metadata.creationTimestamp ?? ''

/** RFC 3339 in UTC, as the API writes it, is ordered as text. */
function byAge({ node: a }: { readonly node: Node }, { node: b }: { readonly node: Node }): number {
  if (ageOf(a) !== ageOf(b)) return ageOf(a) < ageOf(b) ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

const foundNode = (node: Node, role: NodeRole, { internal, external }: Addresses): FoundNode => ({
  hostname: node.metadata.name,
  role,
  internal_ip: internal,
  external_ip: external,
  version: node.status?.nodeInfo?.kubeletVersion ?? 'unknown',
  failure: failureOf(node),
})

function failureOf(node: Node): string | null {
  const ready = readyCondition(node)
  if (!ready) return 'its kubelet has not told yet whether it is ready'
  if (ready.status === 'True') return null
  return shortened([ready.reason ?? 'NotReady', ready.message].filter(Boolean).join(': '))
}

const withoutEtcd = ({ metadata: { name } }: Node): Finding => ({
  name: 'server-without-etcd',
  severity: 'warning',
  about: `node ${name}`,
  message: 'it is a server that holds no member of etcd, and Slipway waits in vain for it to vote where it acts on it',
  remedy: 'Leave what concerns this machine to its own tools; the others are not touched by it.',
})
