import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalAddress, familyOf, holds, parseRange } from '../../../domain/addresses.ts'
import { once } from '../../../hosts/once.ts'
import { pythonFolder } from '../../../hosts/pythonArchive.ts'
import { keyedHash } from '../../../secrets/seal.ts'
import { internalAddresses } from '../addresses.ts'
import type { NodeArguments, StageArguments } from '../arguments.ts'
import { defaultDataDir } from '../host/dataDir.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Vip } from '../spec/vip.ts'
import { checkText, keepalivedText, routerIdOf, unitText, vipPaths } from './keepalived.ts'
import { defaultImage, kubeVipText, podPath } from './kubeVip.ts'

/** A file of the VIP as it is to lie on a server. */
export interface VipFile {
  readonly path: string
  /** Exact content; may hold the password of VRRP. */
  readonly content: string
  readonly mode: string
  /** Keyed hash of the content, as the look at the host tells it. */
  readonly hmac: string
}

type Given = Pick<StageArguments, 'cluster' | 'servers'>

const checkSource = once(() => readFileSync(join(pythonFolder, 'slipway/rke2/vip_check.py'), 'utf8'))

export const dataDirOf = ({ cluster }: Pick<Given, 'cluster'>): string =>
  cluster.cluster_vars?.['data-dir'] ?? defaultDataDir

/** Which interface holds the server's own address, and which one gets the VIP; null where the machine does not say so. */
export interface Interfaces {
  readonly own: string | null
  readonly vip: string | null
  /** The VIP is within the network of the latter. */
  readonly inside: boolean
}

export function interfacesOf(node: NodeArguments, vip: Vip, { interfaces }: Pick<HostFacts, 'interfaces'>): Interfaces {
  const family = familyOf(vip.address)
  const ofFamily = (interfaces ?? []).filter(({ address }) => familyOf(address) === family)
  const address = addressOf(node, vip)
  const own = ofFamily.find(one => canonicalAddress(one.address) === address)?.interface ?? null
  const named = node.vip_interface ?? vip.interface
  const device = named === undefined ? own : interfaces?.some(one => one.interface === named) ? named : null
  const networks = ofFamily.filter(one => one.interface === device && canonicalAddress(one.address) !== vip.address)
  const inside = networks.some(one => {
    const range = parseRange(`${one.address}/${one.prefix}`)
    return range !== null && holds(range, vip.address)
  })
  return { own, vip: device, inside }
}

/** The server's own address of the VIP's family. */
const addressOf = (node: NodeArguments, { address }: Vip): string =>
  internalAddresses(node).find(one => familyOf(one) === familyOf(address)) ?? ''

/** Addresses of the other servers, of the VIP's family. */
export const peersOf = ({ cluster: { vip }, servers }: Given, node: Pick<NodeArguments, 'hostname'>): string[] =>
  vip
    ? servers
        .filter(({ hostname }) => hostname !== node.hostname)
        .map(server => addressOf(server, vip))
        .toSorted()
    : []

/** Null where the interfaces are not known: what stands in the way is told then. */
export function wantedVipFiles(
  given: Given,
  node: NodeArguments,
  facts: HostFacts,
  { hashKey, password }: { readonly hashKey: string; readonly password: string },
): readonly VipFile[] | null {
  const { vip } = given.cluster
  if (!vip) return []
  const found = interfacesOf(node, vip, facts)
  if (found.own === null || found.vip === null) return null
  const file = (path: string, content: string, mode: string): VipFile => ({
    path,
    content,
    mode,
    hmac: keyedHash(hashKey, content),
  })
  const dataDir = dataDirOf(given)
  if (vip.provider === 'kube-vip') {
    const image = vip.image ?? defaultImage
    const text = kubeVipText({ hostname: node.hostname, address: vip.address, vipInterface: found.vip, image })
    return [file(podPath(dataDir), text, '0600')]
  }
  // In the order of their names: that of a file is no matter, and who joins changes nobody else's place in most cases.
  const order = given.servers.map(({ hostname }) => hostname).toSorted()
  const text = keepalivedText({
    cluster: given.cluster.name,
    hostname: node.hostname,
    address: vip.address,
    interface: found.own,
    vipInterface: found.vip,
    own: addressOf(node, vip),
    peers: peersOf(given, node),
    routerId: vip.router_id ?? routerIdOf(vip.address),
    // Each waits (256 - priority) / 256 s before it takes the VIP: so far apart that no two of them take it at once.
    priority: Math.max(1, 250 - 20 * order.indexOf(node.hostname)),
    password,
    dataDir,
  })
  return [
    file(vipPaths.check, checkText(facts.python.path, checkSource()), '0755'),
    // Where it is not installed yet it comes to where the packages of all distributions put it.
    file(vipPaths.unit, unitText(facts.vip.keepalived ?? '/usr/sbin/keepalived'), '0644'),
    file(vipPaths.configuration, text, '0600'),
  ]
}
