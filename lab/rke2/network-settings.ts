import { type Address, parseAddress, unusableAsNode } from './address.ts'
import type { Reader } from './arguments.ts'
import { checkFamilies, checkPodRanges, checkPortRange, checkServiceRanges, networkOf } from './range-rules.ts'
import { Refused } from './refusal.ts'
import { addressesOf } from './setting-rules.ts'
import type { Find, Role, Surroundings } from './setting-values.ts'

/** The settings that say where a node is, and where pods and services of its cluster are. */
export interface NetworkSettings {
  /** The address that etcd and the API server use; the others only show on the Node. */
  nodeIp: string
  moreNodeIps: string[]
  nodeExternalIps: string[]
  advertiseAddress: string
  nodePortRange: string
  /** Those of them that must be equal on all servers. */
  shared: Record<'cluster-cidr' | 'service-cidr' | 'cluster-dns', string>
}

/** Reads them. Throws Refused where RKE2 itself ends for one; `find` gets what Kubernetes' programs refuse. */
export function networkSettingsOf(role: Role, read: Reader, around: Surroundings, find: Find): NetworkSettings {
  const { machine } = around
  const named = addressesOf('node-ip', read.split('node-ip'))
  const external = addressesOf('node-external-ip', read.split('node-external-ip'))
  find(() => checkNodePair(named))
  for (const address of named) find(() => checkNodeAddress(address, machine.addresses))
  const addresses = named.length > 0 ? named : addressesOf('node-ip', machine.primary ?? [])
  const known = named.length > 0 || machine.primary !== undefined
  const [first, ...more] = addresses
  if (known && first === undefined) {
    throw new Refused('no default routes found in "/proc/net/route" or "/proc/net/ipv6_route"')
  }
  const given = {
    cluster: read.split('cluster-cidr'),
    service: read.split('service-cidr'),
    dns: read.split('cluster-dns'),
  }
  const { cluster, service, dns } = networkOf(given, first?.family ?? 4)
  const nodePortRange = read.text('service-node-port-range') ?? '30000-32767'
  const advertiseAddress = read.text('advertise-address') ?? first?.text ?? ''
  if (role === 'server') {
    checkPortRange(nodePortRange)
    checkFamilies(cluster, service, known ? addresses : undefined)
    // RKE2 would advertise the address outside; here it only shows on the Node, and is refused all the same.
    const announced = read.text('advertise-address') ?? external[0]?.text ?? advertiseAddress
    find(() => checkServiceRanges(service, around.version, advertised(announced)))
    find(() => checkPodRanges(cluster, read.raw('kube-controller-manager-arg')))
  }
  const texts = (parts: readonly { text: string }[]) => parts.map(({ text }) => text)
  return {
    nodeIp: first?.text ?? '',
    moreNodeIps: texts(more),
    nodeExternalIps: texts(external),
    advertiseAddress,
    nodePortRange,
    shared: {
      'cluster-cidr': texts(cluster).join(','),
      'service-cidr': texts(service).join(','),
      'cluster-dns': dns.join(','),
    },
  }
}

/** A kubelet takes one address, or one of each family. */
function checkNodePair(addresses: readonly Address[]): void {
  const families = new Set(addresses.map(({ family }) => family))
  if (families.size === addresses.length) return
  const given = addresses.map(({ text }) => text).join(',')
  throw new Refused(`bad --node-ip "${given}": must contain either a single IP or a dual-stack pair of IPs`, 'kubelet')
}

/** A kubelet takes only an address of its own host. */
function checkNodeAddress(address: Address, own: readonly string[] | undefined): void {
  const mine = own === undefined || own.some(other => parseAddress(other)?.value === address.value)
  const reason =
    unusableAsNode(address) ??
    (mine ? undefined : `node IP: "${address.text}" not found in the host's network interfaces`)
  if (reason !== undefined) throw new Refused(`failed to validate nodeIP: ${reason}`, 'kubelet', false)
}

function advertised(text: string): Address | undefined {
  if (text === '') return undefined
  const address = parseAddress(text)
  if (address === undefined) {
    throw new Refused(`invalid argument "${text}" for "--advertise-address" flag: failed to parse IP`, 'kube-apiserver')
  }
  return address
}
