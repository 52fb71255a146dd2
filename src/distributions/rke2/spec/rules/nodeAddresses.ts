import { isIP } from 'node:net'
import { familyOf, holds } from '../../../../domain/addresses.ts'
import { addressesOf } from '../../../../domain/cluster.ts'
import { type ClusterDraft, type DraftNode, effective, oncePerPlace } from './draft.ts'
import { familiesOf, named, type Network, networkOf, writtenFamilies } from './network.ts'
import { caution, fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'

/** The addresses of the machines against the ranges of pods and services. */
export function checkNodeAddresses(draft: ClusterDraft): RuleFinding[] {
  const network = networkOf(draft)
  if (!network) return []
  return [
    ...oncePerPlace(
      draft.nodes.flatMap((node, index) => [
        ...inside(network, ['nodes', index, 'internal_ip'], addressesOf(node.internal_ip)),
        ...inside(network, ['nodes', index, 'external_ip'], addressesOf(node.external_ip)),
        ...families(network, index, node),
        ...advertised(network, draft, index, node),
        ...bound(draft, index, node),
      ]),
    ),
    ...inside(network, ['vip', 'address'], draft.vip ? [draft.vip.address] : []),
    ...inside(
      network,
      ['api_endpoint'],
      [draft.api_endpoint].flatMap(one => (one !== undefined && isIP(one) !== 0 ? [one] : [])),
    ),
  ]
}

/** A machine in such a range is not reached from pods: packets for it stay within the cluster. */
function inside(network: Network, path: RuleFinding['path'], addresses: readonly string[]): RuleFinding[] {
  return addresses.flatMap(address => {
    const pods = network.pods.find(range => holds(range, address))
    const services = network.services.find(range => holds(range, address))
    const range = pods ?? services
    if (!range) return []
    const key = pods ? 'cluster-cidr' : 'service-cidr'
    const what = pods ? 'pods' : 'services'
    return [
      caution(
        'address-in-range',
        path,
        `${address} lies within the range of ${what}: ${named(range, pods ? network.given.pods : network.given.services, what)}`,
        `Before the cluster is made, give ${what} a range that no machine is in: ${key} in spec.cluster_vars.`,
      ),
    ]
  })
}

function families({ pods }: Network, index: number, { internal_ip, hostname }: DraftNode): RuleFinding[] {
  const own = addressesOf(internal_ip)
  const missing = familiesOf(pods).filter(family => !own.some(address => familyOf(address) === family))
  if (own.length === 0 || missing.length === 0) return []
  const both = familiesOf(pods).length > 1
  return [
    fault(
      'node-family',
      ['nodes', index, 'internal_ip'],
      `${hostname ?? 'the node'} has no ${writtenFamilies(missing)} address, and pods have ${writtenFamilies(familiesOf(pods))}`,
      both
        ? 'Give the node an address of each family (internal_ip: 10.0.0.11,fd00::11), or cluster-cidr and service-cidr one family.'
        : `Set cluster-cidr and service-cidr to ranges of the nodes’ family, or give the node ${missing.includes(4) ? 'an IPv4' : 'an IPv6'} address.`,
    ),
  ]
}

/** The API is told to others at one address, which must be of the family that services have first. */
function advertised({ services }: Network, draft: ClusterDraft, index: number, node: DraftNode): RuleFinding[] {
  if (node.role === 'worker' || node.role === undefined) return []
  const family = services[0]?.family
  const set = effective(draft, index, node, 'advertise-address')
  const field = node.external_ip === undefined ? 'internal_ip' : 'external_ip'
  const address = set?.value ?? addressesOf(node[field])[0]
  if (address === undefined || family === undefined || familyOf(address) === family) return []
  // Told already: it has no address of that family at all.
  if (!set && field === 'internal_ip' && addressesOf(node.internal_ip).length === 1) return []
  return [
    fault(
      'advertised-family',
      set?.path ?? ['nodes', index, field],
      `the API of ${node.hostname ?? 'this server'} would be advertised at ${address}, and services have IPv${family} addresses first`,
      set
        ? `Set advertise-address to an IPv${family} address of the server.`
        : `Write the IPv${family} address first, or set advertise-address to it in node_vars.`,
    ),
  ]
}

const everywhere = new Set(['0.0.0.0', '::'])

function bound(draft: ClusterDraft, index: number, node: DraftNode): RuleFinding[] {
  const own = [...addressesOf(node.internal_ip), ...addressesOf(node.external_ip)]
  return (['bind-address', 'advertise-address'] as const).flatMap(key => {
    const set = effective(draft, index, node, key)
    if (!set || own.length === 0 || (key === 'bind-address' && everywhere.has(set.value))) return []
    if (everywhere.has(set.value) || /^127\.|^::1$/.test(set.value))
      return [
        fault(
          'address-of-nobody',
          set.path,
          `other machines cannot reach ${set.value}`,
          `Set ${key} to an address of the server, or leave it out.`,
        ),
      ]
    if (own.some(address => familyOf(address) === familyOf(set.value))) return []
    return [
      fault(
        'address-family',
        set.path,
        `${set.value} is an IPv${familyOf(set.value)} address, and ${node.hostname ?? 'the node'} has none of that family`,
        `Set ${key} to an address of the node, or leave it out.`,
      ),
    ]
  })
}
