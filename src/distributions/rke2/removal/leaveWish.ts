import { hostOfUrl } from '../../../domain/addresses.ts'
import { rolePrefix } from '../../../kubernetes/nodeStanding.ts'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import { nodes } from '../../../kubernetes/resources.ts'
import type { EtcdMemberFacts } from '../../etcdFacts.ts'

/** RKE2 takes the member out of etcd that a Node names, where the Node says so, and says on it when that is done. */
const annotations = {
  wish: 'etcd.rke2.cattle.io/remove',
  done: 'etcd.rke2.cattle.io/removed-node-name',
  name: 'etcd.rke2.cattle.io/node-name',
  address: 'etcd.rke2.cattle.io/node-address',
}
const etcdRole = `${rolePrefix}etcd`

/** Says that a Node was entered by Slipway alone, for the wish. */
const entered = 'slipway/entered-to-leave'

/**
 * Tells RKE2 to take a member out. A join that broke off may have left a member, voting or not, whose Node does not name
 * it, names an older one, or was never entered: then that is written as well, on a Node that goes when the member has gone.
 */
export async function wishToLeave(
  client: Pick<ClusterClient, 'get' | 'patch' | 'create'>,
  hostname: string,
  member: EtcdMemberFacts,
  signal: AbortSignal,
): Promise<void> {
  const node = await client.get(nodes, { name: hostname }, { signal })
  const has = node?.metadata.annotations ?? {}
  const naming = { [annotations.name]: member.name, [annotations.address]: addressOf(member) }
  const isNamed = Object.entries(naming).every(([name, value]) => has[name] === value)
  const metadata = {
    ...(!isNamed && { labels: { [etcdRole]: 'true' } }),
    annotations: {
      ...(!isNamed && naming),
      // RKE2 takes nobody out, and the wish back, while an older one is said to be gone.
      ...(has[annotations.done] !== undefined && { [annotations.done]: null }),
      [annotations.wish]: 'true',
    },
  }
  if (node)
    return void (await client.patch(nodes, { name: hostname }, { kind: 'merge', body: { metadata } }, { signal }))
  const own = { ...metadata, name: hostname, annotations: { ...metadata.annotations, [entered]: 'true' } }
  await client.create(nodes, { metadata: own, spec: { unschedulable: true } }, { signal })
}

/** Nobody is called that: RKE2 lets go of a Node only when it has looked for the member that it names. */
const nobody = { [annotations.name]: 'none', [annotations.address]: 'none' }

/** The member stays, unless it has left already; a Node that was only entered for the wish goes. */
export async function takeWishBack(
  client: Pick<ClusterClient, 'get' | 'patch' | 'remove'>,
  hostname: string,
  signal: AbortSignal,
): Promise<void> {
  const node = await client.get(nodes, { name: hostname }, { signal })
  const has = node?.metadata.annotations ?? {}
  if (!node || has[annotations.wish] !== 'true' || has[annotations.done] !== undefined) return
  // A machine that has registered meanwhile has made it its own.
  const isOurs = has[entered] !== undefined && !node.status?.nodeInfo?.kubeletVersion
  const metadata = { annotations: { [annotations.wish]: null, ...(isOurs && nobody) } }
  await client.patch(nodes, { name: hostname }, { kind: 'merge', body: { metadata } }, { signal })
  if (isOurs) await client.remove(nodes, { name: hostname }, { signal, uid: node.metadata.uid })
}

/** What is still missing of it; null when RKE2 says that it is done, or the Node has gone with its member. */
export const missingOfLeaving = (
  node: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined } } | null,
): string | null =>
  node && node.metadata.annotations?.[annotations.done] === undefined
    ? 'RKE2 has not taken its member out of etcd yet'
    : null

/** As RKE2 compares it: without the brackets of an IPv6 address. */
const addressOf = ({ peer_urls: [url = ''] }: EtcdMemberFacts): string => (URL.canParse(url) ? hostOfUrl(url) : '')
