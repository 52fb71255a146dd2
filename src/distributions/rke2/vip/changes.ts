import { hostList } from '../../../domain/hostList.ts'
import { keyedHash } from '../../../secrets/seal.ts'
import type { Change } from '../../../engine/contract/stage.ts'
import type { StageArguments } from '../arguments.ts'
import { type ReachedHost, reached } from '../observedHost.ts'
import { holders, type ObservedVip } from './look.ts'
import { interfacesOf, type VipFile } from './wanted.ts'

/** What has to be done on one server so that it may hold the VIP; empty when nothing is. */
export function vipChanges(
  stage: StageArguments,
  host: ReachedHost,
  wanted: readonly VipFile[],
  hashKey: string,
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
  if (differing.length > 0)
    changes.push({
      effect: main && lies.has(main.path) ? 'update' : 'create',
      target: target('vip'),
      summary:
        main && lies.has(main.path)
          ? `write ${differing.map(({ path }) => path).join(', ')} anew, and load it; the VIP stays where it is`
          : `let it hold ${vip.address} on ${device} while it serves (${vip.provider ?? 'keepalived'})`,
      detail: keyedHash(hashKey, differing.map(({ path, hmac }) => `${path} ${hmac}`).join('\n')).slice(0, 16),
    })
  const unwanted = facts.vip.files.filter(({ path, ours }) => ours && !wanted.some(file => file.path === path))
  if (unwanted.length > 0)
    changes.push({
      effect: 'delete',
      target: target('vip-before'),
      summary: `take what held the VIP before away (${unwanted.map(({ path }) => path).join(', ')})`,
    })
  const { service, pending } = facts.vip
  if (usesKeepalived && (service.active !== 'active' || !service.enabled))
    changes.push({ effect: 'create', target: target('vip-service'), summary: 'enable and start slipway-vip' })
  else if (usesKeepalived && pending && differing.length === 0)
    changes.push({ effect: 'update', target: target('vip-service'), summary: 'let slipway-vip read its configuration' })
  return changes
}

/** Servers on which keepalived is started anew though all is right there, since the VIP is held by nobody or by two. */
export function startedAnew({ cluster: { vip } }: StageArguments, observed: ObservedVip): ReachedHost[] {
  if (!vip || observed.others) return []
  const own = reached(observed.seen.nodes)
  const running = own.filter(host => host.facts.vip.service.active === 'active')
  const holding = holders(observed.servers, vip.address)
  // One that cannot be looked at may hold it.
  if (holding.length === 0) return observed.servers.every(({ error }) => error === null) ? running : []
  const names = holding.map(({ node }) => node.hostname).toSorted()
  return running.filter(({ node }) => names.indexOf(node.hostname) > 0)
}

/** Null where the one that holds it is as it should be. */
export function heldChange(stage: StageArguments, observed: ObservedVip): Change | null {
  const { vip } = stage.cluster
  if (!vip || observed.others || observed.servers.some(({ error }) => error !== null)) return null
  const names = holders(observed.servers, vip.address).map(({ node }) => node.hostname)
  if (names.length === 1) return null
  return {
    effect: 'update',
    target: 'cluster/vip',
    summary:
      names.length === 0
        ? `wait until a server holds ${vip.address}: none does`
        : `let one server alone hold ${vip.address}: ${hostList(names)} do`,
  }
}

export const restartChange = ({ node }: ReachedHost): Change => ({
  effect: 'restart',
  target: `node/${node.hostname}/vip-service`,
  summary: 'restart slipway-vip',
})
