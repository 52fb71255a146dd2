import { hostOfUrl } from '../../../domain/addresses.ts'
import { rolePrefix } from '../../../kubernetes/nodeStanding.ts'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import { nodes } from '../../../kubernetes/resources.ts'
import type { EtcdMemberFacts } from '../host/facts.ts'

/** RKE2 takes the member out of etcd that a Node names, where the Node says so, and says on it when that is done. */
const annotations = {
  wish: 'etcd.rke2.cattle.io/remove',
  done: 'etcd.rke2.cattle.io/removed-node-name',
  name: 'etcd.rke2.cattle.io/node-name',
  address: 'etcd.rke2.cattle.io/node-address',
}
const etcdRole = `${rolePrefix}etcd`

/**
 * Tells RKE2 to take a member out. A join that broke off may have left a member, voting or not, whose Node does not name
 * it or was never entered: then that is written as well, on a Node that goes when the member has gone.
 */
export async function wishToLeave(
  client: Pick<ClusterClient, 'get' | 'patch' | 'create'>,
  hostname: string,
  member: EtcdMemberFacts,
  signal: AbortSignal,
): Promise<void> {
  const node = await client.get(nodes, { name: hostname }, { signal })
  const isNamed = node?.metadata.annotations?.[annotations.name] !== undefined
  const naming = { [annotations.name]: member.name, [annotations.address]: addressOf(member) }
  const metadata = {
    ...(!isNamed && { labels: { [etcdRole]: 'true' } }),
    annotations: { ...(!isNamed && naming), [annotations.wish]: 'true' },
  }
  if (node) await client.patch(nodes, { name: hostname }, { kind: 'merge', body: { metadata } }, { signal })
  else
    await client.create(nodes, { metadata: { name: hostname, ...metadata }, spec: { unschedulable: true } }, { signal })
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
