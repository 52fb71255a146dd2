import { canonicalAddress, hostOfUrl } from '../../domain/addresses.ts'
import type { EtcdFacts, EtcdMemberFacts } from '../etcdFacts.ts'
import { internalAddresses } from './addresses.ts'
import type { NodeArguments } from './arguments.ts'
import { type ObservedHost, type ReachedHost, reached } from './observedHost.ts'
import type { Bootstrap } from '../../clusters/session.ts'

/** RKE2 calls a member of etcd by its node's name with a random end: `m1-3f9c0a12`. */
export const nodeOfMember = (member: string): string => member.replace(/-[0-9a-f]{8}$/, '')

const atAddress = ({ peer_urls }: EtcdMemberFacts, node: NodeArguments): boolean => {
  const addresses = internalAddresses(node)
  return peer_urls.some(url => URL.canParse(url) && addresses.includes(canonicalAddress(hostOfUrl(url))))
}

/** This node's member, as a server lists it. One that was entered and never started has an address only. */
export const memberOf = ({ members }: Pick<EtcdFacts, 'members'>, node: NodeArguments): EtcdMemberFacts | undefined =>
  members.find(({ name }) => nodeOfMember(name) === node.hostname) ??
  members.find(member => member.name === '' && atAddress(member, node))

/** The members as people know them; one that has never started by its addresses. */
export const namesOf = ({ members }: Pick<EtcdFacts, 'members'>): string =>
  members.map(({ name, peer_urls }) => name || peer_urls.join(' ')).join(', ') || 'nobody'

/** Whether a list has the member whose data lies on this host; another one of the same node does not count. */
export const listsDataOf = ({ members }: Pick<EtcdFacts, 'members'>, { node, facts }: ReachedHost): boolean =>
  members.some(member =>
    member.name === '' || facts.data.etcd_name === null
      ? atAddress(member, node)
      : member.name === facts.data.etcd_name,
  )

/** Whether each of two servers has the other one in its list. Where they have not, each of them is a cluster by itself. */
export function areOneCluster(one: EtcdFacts, other: EtcdFacts): boolean {
  const has = ({ members }: EtcdFacts, id: string | null) => id === null || members.some(member => member.id === id)
  return one.cluster_id === other.cluster_id && has(one, other.member_id) && has(other, one.member_id)
}

/** Whether nothing that a server shows contradicts the record. */
export const isRecorded = ({ facts }: ReachedHost, { ca_hash, etcd_cluster }: Bootstrap): boolean =>
  (ca_hash === null || facts.data.ca_hash === ca_hash) &&
  (etcd_cluster === null || !facts.cluster?.etcd || facts.cluster.etcd.cluster_id === etcd_cluster)

/**
 * The server that speaks for the cluster: its API answers, and it is of the recorded cluster. Of several that do not
 * know each other it is the one behind which most voters stand; null when none answers.
 */
export function authorityOf(servers: readonly ObservedHost[], bootstrap: Bootstrap): ReachedHost | null {
  const voters = ({ facts }: ReachedHost) =>
    facts.cluster?.etcd?.members.filter(({ learner, healthy }) => healthy && !learner).length ?? 0
  const [most] = reached(servers)
    .filter(host => host.facts.cluster?.nodes && isRecorded(host, bootstrap))
    .toSorted((a, b) => voters(b) - voters(a))
  return most ?? null
}

/** Whether one server that answers may speak for all: it is of the recorded cluster, and has all of them in its list. */
export function speaksForAll(
  { node, facts }: ReachedHost,
  all: readonly NodeArguments[],
  bootstrap: Bootstrap,
): boolean {
  const etcd = facts.cluster?.etcd
  if (!facts.data.etcd_member || !facts.cluster?.nodes || !etcd) return false
  return isRecorded({ node, facts, error: null }, bootstrap) && all.every(server => memberOf(etcd, server))
}
