import { canonicalAddress } from '../../../domain/addresses.ts'
import type { StageContext } from '../../../engine/contract/stage.ts'
import type { StageArguments } from '../arguments.ts'
import { hostKey, type ObservedCluster, observeCluster, observeNodes } from '../observeCluster.ts'
import { type ObservedHost, reached, type ReachedHost } from '../observedHost.ts'
import type { Rke2Session } from '../session.ts'
import { type Availability, availability } from './availability.ts'
import { vipPaths } from './keepalived.ts'
import { whoAnswers } from './occupied.ts'
import { interfacesOf, type VipFile, wantedVipFiles } from './wanted.ts'

/** What a stage that puts the VIP on servers decides from. */
export interface ObservedVip {
  readonly seen: ObservedCluster
  /** All servers of the cluster. */
  readonly servers: readonly ObservedHost[]
  /** By hostname; null where the interfaces of a machine are not known. */
  readonly wanted: ReadonlyMap<string, readonly VipFile[] | null>
  /** Who answers for the address though no server has it: a MAC address, and from where it was asked. */
  readonly taken: { readonly mac: string; readonly from: string } | null
  /** Nodes on record that the file does not name, one of which may hold the VIP. */
  readonly others: boolean
  /** Servers without keepalived on which it cannot be installed, and why. */
  readonly unavailable: ReadonlyMap<string, string>
}

export async function lookAtVip(
  session: Rke2Session,
  stage: StageArguments,
  context: StageContext,
): Promise<ObservedVip> {
  const { vip } = stage.cluster
  const look = () => observeNodes(session, { ...stage, nodes: stage.servers }, context)
  const [seen, servers, { vrrp }, others] = await Promise.all([
    observeCluster(session, stage, context),
    look(),
    session.secrets(),
    knowsOthers(session),
  ])
  const hosts = reached(seen.nodes)
  const wanted = hosts.map(
    ({ node, facts }) =>
      [node.hostname, wantedVipFiles(stage, node, facts, { hashKey: session.hashKey, password: vrrp })] as const,
  )
  const lacking = vip?.provider === 'kube-vip' ? [] : hosts.filter(({ facts }) => facts.vip.keepalived === null)
  const [taken, found] = await Promise.all([
    vip && !others ? occupied(session, stage, servers, context) : null,
    Promise.all(lacking.map(async host => [host.node.hostname, await availability(session, host, context)] as const)),
  ])
  const result = { seen, wanted: new Map(wanted), others, unavailable: new Map(found.flatMap(unavailable)) }
  if (!vip || taken === null) return { ...result, servers, taken: null }
  // One of ours may have taken it since it was looked at.
  for (const { hostname } of stage.servers) context.observations.drop(hostKey(hostname))
  const now = await look()
  return { ...result, servers: now, taken: holders(now, vip.address).length > 0 ? null : taken }
}

const unavailable = ([hostname, { error }]: readonly [string, Availability]): (readonly [string, string])[] =>
  error === null ? [] : [[hostname, error]]

/** Servers that have the VIP on one of their interfaces. */
export const holders = (servers: readonly ObservedHost[], address: string): ReachedHost[] =>
  reached(servers).filter(({ facts }) =>
    facts.addresses?.some(one => canonicalAddress(one) === canonicalAddress(address)),
  )

/** Whether something of ours that may hold the VIP is on a server. */
export const hasOurs = ({ facts: { vip } }: ReachedHost): boolean =>
  vip.service.load === 'loaded' || vip.files.some(({ ours }) => ours)

export const runsKeepalived = ({ facts: { vip } }: ReachedHost): boolean =>
  vip.service.active === 'active' && vip.files.some(({ path }) => path === vipPaths.configuration)

async function knowsOthers(session: Rke2Session): Promise<boolean> {
  const [{ targets }, nodes] = await Promise.all([session.hosts(), session.nodes()])
  const named = new Set(nodes.map(({ hostname }) => hostname))
  return targets.some(({ hostname }) => !named.has(hostname))
}

/** Asked only where every server was seen and none has it: whoever answers then is none of them. */
async function occupied(
  session: Rke2Session,
  { cluster: { vip } }: StageArguments,
  servers: readonly ObservedHost[],
  context: StageContext,
): Promise<ObservedVip['taken']> {
  if (!vip || servers.some(({ error }) => error !== null) || holders(servers, vip.address).length > 0) return null
  for (const { node, facts } of reached(servers)) {
    const found = interfacesOf(node, vip, facts)
    if (found.vip === null || !found.inside) continue
    const asked = { address: vip.address, interface: found.vip }
    const mac = await context.observations.read(`vip/${node.hostname}/${vip.address}`, () =>
      whoAnswers(session, node.hostname, asked, context),
    )
    return mac === null ? null : { mac, from: node.hostname }
  }
  return null
}
