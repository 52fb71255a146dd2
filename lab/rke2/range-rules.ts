import {
  type Address,
  addressAt,
  bitsOf,
  contains,
  type Family,
  isDual,
  parseAddress,
  parseRange,
  type Range,
} from './address.ts'
import { controllerArguments, nodeMasks } from './node-masks.ts'
import { minorOf } from './profile-rules.ts'
import { Refused } from './refusal.ts'

// Who refuses what: RKE2 reads all values first; kube-apiserver has limits for service ranges and the family of its
// own address, kube-controller-manager for pod ranges.

/** The ranges of a cluster and its name servers, read from the settings. */
export interface Network {
  cluster: Range[]
  service: Range[]
  dns: string[]
}

const defaults: Record<Family, { cluster: string; service: string }> = {
  4: { cluster: '10.42.0.0/16', service: '10.43.0.0/16' },
  6: { cluster: 'fd00:42::/56', service: 'fd00:43::/112' },
}

export interface GivenRanges {
  cluster: readonly string[]
  service: readonly string[]
  dns: readonly string[]
}

/** Reads the three settings; what is not given follows the family of the node's first address. Throws Refused. */
export function networkOf(given: GivenRanges, first: Family): Network {
  const cluster = rangesOf('cluster-cidr', given.cluster, defaults[first].cluster)
  const service = rangesOf('service-cidr', given.service, defaults[first].service)
  const [primary] = service
  if (primary !== undefined && sizeOf(primary) < 8) {
    throw new Refused('the service cluster IP range must be at least 8 IP addresses')
  }
  return { cluster, service, dns: nameServers(given.dns, service) }
}

function rangesOf(key: string, given: readonly string[], otherwise: string): Range[] {
  return (given.length === 0 ? [otherwise] : given).map(text => {
    const range = parseRange(text)
    if (range === undefined) throw new Refused(`invalid ${key} ${text}: invalid CIDR address: ${text}`)
    return range
  })
}

/** Addresses of a range, at most 2 to the power of 16. */
function sizeOf({ family, prefix }: Range): number {
  return 2 ** Math.min(16, bitsOf(family) - prefix)
}

function nameServers(given: readonly string[], service: readonly Range[]): string[] {
  if (given.length === 0) {
    return service.map(range => {
      if (sizeOf(range) > 10) return addressAt(range, 10)
      throw new Refused(
        `cannot configure default cluster-dns address: can't generate IP with index 10 from subnet. subnet too small. subnet: "${range.text}"`,
      )
    })
  }
  for (const text of given) {
    const address = parseAddress(text)
    if (address === undefined) throw new Refused(`invalid cluster-dns address ${text}`)
    if (!service.some(range => contains(range, address))) {
      throw new Refused(
        `invalid cluster-dns address ${text}: it is not in service-cidr ${service.map(shown).join(',')}`,
      )
    }
  }
  return [...given]
}

const shown = ({ text }: { text: string }) => text

/**
 * The families of ranges and of a node's addresses must be the same. It is asked on every node, agents included, which
 * get the ranges from their server.
 */
export function checkFamilies(
  cluster: readonly Range[],
  service: readonly Range[],
  node: readonly Address[] | undefined,
): void {
  const [pods, services] = [cluster[0]?.family, service[0]?.family]
  if (pods !== services || isDual(cluster) !== isDual(service)) {
    throw new Refused(
      `cluster-cidr: [${cluster.map(shown).join(' ')}] and service-cidr: [${service.map(shown).join(' ')}], must share the same IP version (IPv4, IPv6 or dual-stack)`,
    )
  }
  if (node === undefined) return
  const fits = isDual(node) || (!isDual(cluster) && node[0]?.family === pods)
  if (!fits) {
    throw new Refused(
      `cluster-cidr: [${cluster.map(shown).join(' ')}] and node-ip: [${node.map(shown).join(' ')}], must share the same IP version (IPv4, IPv6 or dual-stack)`,
    )
  }
}

/** kube-apiserver's limits. `advertised` is the address that it tells others, undefined where it is not known. */
export function checkServiceRanges(service: readonly Range[], version: string, advertised: Address | undefined): void {
  const refuse = (message: string) => {
    throw new Refused(message, 'kube-apiserver')
  }
  if (service.length > 2) refuse('--service-cluster-ip-range must not contain more than two entries')
  if (service.length === 2 && !isDual(service)) {
    refuse('--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family')
  }
  service.forEach((range, place) => {
    const bits = bitsOf(range.family)
    const flag = place === 0 ? '--service-cluster-ip-range' : '--service-cluster-ip-range[1]'
    if (sizeOf(range) < 8) refuse('the service cluster IP range must be at least 8 IP addresses')
    // Since 1.34 addresses of services are objects of their own, and no map of all of them is kept.
    if (bits - range.prefix > 20 && minorOf(version) < 34) {
      refuse(`specified ${flag} is too large; for ${bits}-bit addresses, the mask must be >= ${bits - 20}`)
    }
  })
  if (advertised !== undefined && advertised.family !== service[0]?.family) {
    refuse(`service IP family "${service[0]?.text}" must match public address family "${advertised.text}"`)
  }
}

/** kube-controller-manager's limits, with the arguments given for it. */
export function checkPodRanges(cluster: readonly Range[], args: readonly string[]): void {
  const given = controllerArguments(args)
  if (given.get('allocate-node-cidrs') === 'false') return
  const refuse = (message: string) => {
    throw new Refused(message, 'kube-controller-manager')
  }
  if (cluster.length > 1 && !isDual(cluster)) {
    refuse(
      `len of ClusterCIDRs==${cluster.length} and they are not configured as dual stack (at least one from each IPFamily)`,
    )
  }
  if (cluster.length > 2) refuse(`len of clusters is:${cluster.length} > more than max allowed of 2`)
  const maskOf = nodeMasks(cluster, given)
  for (const range of cluster) {
    const node = maskOf(range.family)
    if (range.prefix > node) {
      refuse(
        'Controller: Invalid --cluster-cidr, mask size of cluster CIDR must be less than or equal to --node-cidr-mask-size configured for CIDR family',
      )
    }
    if (range.family === 6 && node - range.prefix > 16) refuse('New CIDR set failed; the node CIDR size is too big')
  }
}

/** `30000-32767`, `30000+100` or one port. Throws Refused. */
export function checkPortRange(given: string): void {
  const value = given.trim()
  const refuse = (reason: string) => {
    throw new Refused(`invalid port range ${given}: ${reason}`)
  }
  const match = /^(\d+)(?:([-+])(\d+))?$/.exec(value)
  if (match === null) refuse(`strconv.Atoi: parsing "${value}": invalid syntax`)
  const low = Number(match?.[1])
  const high = match?.[3] === undefined ? low : match[2] === '+' ? low + Number(match[3]) : Number(match[3])
  if (low > 65_535 || high > 65_535) refuse(`the port range cannot be greater than 65535: ${value}`)
  if (high < low) refuse(`end port cannot be less than start port: ${value}`)
}
