import { addressAt, addressNumber, bitsOf, holds, overlap, type Range } from '../../../../domain/addresses.ts'
import { addressesOf } from '../../../../domain/cluster.ts'
import { type ClusterDraft, effectiveItems, oncePerPlace } from './draft.ts'
import { familiesOf, named, type Network, networkOf, writtenFamilies } from './network.ts'
import { checkNodeMaskArguments, nodeMask } from './nodeMask.ts'
import { fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'

/** Ranges of pods and services against each other and against what Kubernetes can do with them. */
export function checkRanges(draft: ClusterDraft): RuleFinding[] {
  const network = networkOf(draft)
  if (!network) return []
  const families = [...ofOneFamily('cluster-cidr', network.pods), ...ofOneFamily('service-cidr', network.services)]
  if (families.length > 0) return families
  const masks = checkNodeMaskArguments(network, draft)
  return [
    ...sameFamilies(network),
    ...apart(network),
    ...network.services.flatMap(range => serviceSize(range, network, draft)),
    ...(masks.length > 0 ? masks : network.pods.flatMap(range => podSize(range, network, draft))),
    ...checkDns(network, draft),
  ]
}

/** Where a fault of two ranges is told: at one that the file gives. */
const placeOf = ({ given }: Network): RuleFinding['path'] => {
  const key = given.pods ?? given.services
  return key === null ? ['nodes'] : ['cluster_vars', key]
}

function ofOneFamily(key: string, ranges: readonly Range[]): RuleFinding[] {
  if (familiesOf(ranges).length === ranges.length && ranges.length <= 2) return []
  return [
    fault(
      'range-families',
      ['cluster_vars', key],
      `${ranges.map(range => range.written).join(', ')}: there can be one range of each family`,
      `Keep one IPv4 range, one IPv6 range, or one of each: ${key}: ${key === 'cluster-cidr' ? '10.42.0.0/16,fd00:42::/56' : '10.43.0.0/16,fd00:43::/112'}.`,
    ),
  ]
}

function sameFamilies(network: Network): RuleFinding[] {
  const [pods, services] = [familiesOf(network.pods), familiesOf(network.services)]
  if (pods.join() === services.join()) return []
  const missing = network.given.services === null ? 'service-cidr' : network.given.pods === null ? 'cluster-cidr' : null
  return [
    fault(
      'range-families-differ',
      placeOf(network),
      `pods have ${writtenFamilies(pods)} ranges and services ${writtenFamilies(services)}; they need the same families in the same order`,
      missing === null
        ? 'Give cluster-cidr and service-cidr one range of each family that you want.'
        : `Add ${missing} with the same families, like ${missing === 'service-cidr' ? '10.43.0.0/16,fd00:43::/112' : '10.42.0.0/16,fd00:42::/56'}.`,
    ),
  ]
}

function apart(network: Network): RuleFinding[] {
  return network.pods.flatMap(pods =>
    network.services
      .filter(services => overlap(pods, services))
      .map(services =>
        fault(
          'ranges-overlap',
          placeOf(network),
          `${named(pods, network.given.pods, 'pods')} and ${named(services, network.given.services, 'services')} overlap`,
          'Give pods and services ranges that share no address.',
        ),
      ),
  )
}

/** Kubernetes keeps at most 2^20 addresses of services, and needs some for itself and for DNS. */
function serviceSize(range: Range, { given }: Network, { cluster_vars }: ClusterDraft): RuleFinding[] {
  if (given.services === null) return []
  const bits = bitsOf(range.family)
  const least = bits - 20
  const most = cluster_vars?.['cluster-dns'] === undefined ? bits - 4 : bits - 3
  if (range.prefix >= least && range.prefix <= most) return []
  return [
    fault(
      'service-range-size',
      ['cluster_vars', 'service-cidr'],
      `${range.written} is too ${range.prefix < least ? 'large' : 'small'} for services: an IPv${range.family} range has a prefix from /${least} to /${most}`,
      `Write it like ${range.family === 4 ? '10.43.0.0/16' : 'fd00:43::/112'}.`,
    ),
  ]
}

/** Every node gets a part of the range of pods, by default a /24 or a /64. Any server may come to hand them out. */
function podSize(range: Range, network: Network, draft: ClusterDraft): RuleFinding[] {
  const found = draft.nodes.flatMap((node, index): RuleFinding[] => {
    if (node.role === 'worker' || node.role === undefined) return []
    const set = effectiveItems(draft, index, node, 'kube-controller-manager-arg')
    const own = nodeMask(range.family, set?.items ?? [])
    return own === null ? [] : podSizeFor(own, range, network, draft, set?.path)
  })
  return oncePerPlace(found)
}

function podSizeFor(
  own: number,
  range: Range,
  { given }: Network,
  { nodes }: ClusterDraft,
  argument: RuleFinding['path'] | undefined,
): RuleFinding[] {
  const at = given.pods === null ? argument : ['cluster_vars', 'cluster-cidr']
  if (at === undefined) return []
  const example = range.family === 4 ? '10.42.0.0/16' : 'fd00:42::/56'
  const most = range.family === 6 ? 16 : 32
  if (range.prefix > own || own - range.prefix > most)
    return [
      fault(
        'pod-range-size',
        at,
        range.prefix > own
          ? `${range.written} is too small: each node gets a /${own} of it`
          : `${range.written} is too large: each node gets a /${own} of it, and of IPv6 the range may be at most 16 bits wider (/${own - 16})`,
        `Write cluster-cidr like ${example}, or set the size that a node gets: kube-controller-manager-arg: [node-cidr-mask-size-ipv${range.family}=…].`,
      ),
    ]
  const room = 2 ** (own - range.prefix)
  if (room >= nodes.length) return []
  return [
    fault(
      'pod-range-full',
      at,
      `${range.written} has a /${own} for ${room} ${room === 1 ? 'node' : 'nodes'}, and there are ${nodes.length}`,
      `Give it a prefix of /${own - Math.ceil(Math.log2(nodes.length))} or shorter, like ${example}.`,
    ),
  ]
}

/** Each address of the DNS service is one that a service can have, and that Kubernetes does not take for its API. */
function checkDns({ services, given }: Network, { cluster_vars }: ClusterDraft): RuleFinding[] {
  return addressesOf(cluster_vars?.['cluster-dns']).flatMap(address => {
    const range = services.find(one => holds(one, address))
    const example = services[0] ? addressAt(services[0], 10) : '10.43.0.10'
    const at: RuleFinding['path'] = ['cluster_vars', 'cluster-dns']
    if (!range)
      return [
        fault(
          'dns-outside',
          at,
          `${address} is not within ${services.map(one => named(one, given.services, 'services')).join(' or ')}`,
          `Take an address of that range, like ${example}, or leave cluster-dns out.`,
        ),
      ]
    const place = addressNumber(address) - range.first
    const reserved = place <= 1n || (range.family === 4 && addressNumber(address) === range.last)
    if (!reserved) return []
    return [
      fault(
        'dns-reserved',
        at,
        `${address} is ${place === 1n ? 'the address of the Kubernetes API' : 'no address of a service'} in ${range.written}`,
        `Take another one of that range, like ${addressAt(range, 10)}, or leave cluster-dns out.`,
      ),
    ]
  })
}
