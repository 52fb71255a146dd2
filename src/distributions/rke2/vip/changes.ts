import { hostList } from '../../../domain/hostList.ts'
import { keyedHash } from '../../../secrets/seal.ts'
import type { Change } from '../../../engine/contract/stage.ts'
import type { StageArguments } from '../arguments.ts'
import { type ReachedHost, reached } from '../observedHost.ts'
import { holders, type ObservedVip, runsKeepalived } from './look.ts'
import { interfacesOf, type VipFile } from './wanted.ts'

/**
 * What has to be done on one server so that it may hold the VIP; empty when nothing is.
 * @param held by some server, at the address that is wanted.
 */
export function vipChanges(
  stage: StageArguments,
  host: ReachedHost,
  wanted: readonly VipFile[],
  { hashKey, held }: { readonly hashKey: string; readonly held: boolean },
): Change[] {
  const { vip } = stage.cluster
  if (!vip) return []
  const { node, facts } = host
  const target = (part: string) => `node/${node.hostname}/${part}`
  const changes: Change[] = []
  const usesKeepalived = vip.provider !== 'kube-vip'
  if (usesKeepalived && facts.vip.keepalived === null)
    changes.push({
      effect: 'create',
      target: target('keepalived'),
      summary: `install keepalived (${facts.vip.installer})`,
    })
  const lies = new Map(facts.vip.files.map(file => [file.path, file]))
  const differing = wanted.filter(
    ({ path, hmac, mode }) => lies.get(path)?.hmac !== hmac || lies.get(path)?.mode !== mode,
  )
  const [main] = wanted.slice(-1)
  const device = interfacesOf(node, vip, facts).vip ?? '?'
  const { service, pending } = facts.vip
  const unread = pending && usesKeepalived && service.active === 'active'
  const isThere = main !== undefined && lies.has(main.path)
  if (differing.length > 0 || unread)
    changes.push({
      effect: isThere ? 'update' : 'create',
      target: target('vip'),
      summary: isThere
        ? `${differing.length > 0 ? `write ${differing.map(({ path }) => path).join(', ')} anew, and ` : ''}let slipway-vip read it${held ? '; the VIP stays where it is' : ` and hold ${vip.address}`}`
        : `let it hold ${vip.address} on ${device} while it serves (${vip.provider ?? 'keepalived'})`,
      // Of all, whichever of them an attempt that broke off has written already.
      detail: keyedHash(hashKey, wanted.map(({ path, hmac }) => `${path} ${hmac}`).join('\n')).slice(0, 16),
    })
  const unwanted = facts.vip.files.filter(({ path, ours }) => ours && !wanted.some(file => file.path === path))
  if (unwanted.length > 0)
    changes.push({
      effect: 'delete',
      target: target('vip-before'),
      summary: `take what held the VIP before away (${unwanted.map(({ path }) => path).join(', ')})`,
    })
  if (usesKeepalived && (service.active !== 'active' || !service.enabled))
    changes.push({ effect: 'create', target: target('vip-service'), summary: 'enable and start slipway-vip' })
  return changes
}

/** Servers of the stage on which keepalived is started anew though all is right there: nobody holds the VIP, or two do. */
export function startedAnew({ seen, servers, others }: ObservedVip, address: string): ReachedHost[] {
  // One that cannot be looked at, or that is to leave, may hold it.
  if (others || servers.some(({ error }) => error !== null)) return []
  const names = holders(servers, address)
    .map(({ node }) => node.hostname)
    .toSorted()
  const running = reached(seen.nodes).filter(runsKeepalived)
  return names.length === 0 ? running : running.filter(({ node }) => names.indexOf(node.hostname) > 0)
}

/**
 * That the VIP answers belongs to each change of its servers: an attempt that broke off in between left it unheld, and who
 * goes on does no more than was approved.
 */
export function vipChange(
  { cluster: { vip } }: StageArguments,
  observed: ObservedVip,
  isPlaced: boolean,
): Change | null {
  if (!vip) return null
  const change = (summary: string): Change => ({ effect: 'update', target: 'cluster/vip', summary })
  if (!isPlaced) return change(`wait until the cluster answers at ${vip.address}`)
  if (observed.others || observed.servers.some(({ error }) => error !== null)) return null
  const names = holders(observed.servers, vip.address).map(({ node }) => node.hostname)
  if (names.length === 1) return null
  const anew = startedAnew(observed, vip.address).map(({ node }) => node.hostname)
  return change(
    `let one server hold ${vip.address}: ${names.length === 0 ? 'none does' : `${hostList(names)} do`}${anew.length > 0 ? ` (slipway-vip is restarted on ${hostList(anew)})` : ''}`,
  )
}
