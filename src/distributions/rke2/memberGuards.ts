import { acceptanceOfKey } from '../../domain/acceptance.ts'
import { stageKey } from '../../engine/contract/defineStage.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { NodeArguments } from './arguments.ts'
import type { ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { uninstallCommand } from './nodeState.ts'
import { areOneCluster, listsDataOf, memberOf, namesOf } from './membership.ts'
import { otherCaRemedy, rotatedAuthorityOf } from './otherCa.ts'
import { deletion, otherEtcdRemedy } from './otherEtcd.ts'
import { refuse } from './refusal.ts'
import { kinds } from './stages/kinds.ts'

/** What a host holds, and whether it belongs to the recorded cluster: each finding protects one that exists. */
export function memberFindings(host: ReachedHost, observed: ObservedCluster, { cluster, accepted }: Guarded): Unmet[] {
  const foreign = foreignData(host, observed, accepted)
  if (foreign.length > 0) return foreign
  return [...removedMember(host, observed), ...lostItsData(host, observed, cluster.name)]
}

/** What the findings have to be told with. */
interface Guarded {
  readonly cluster: { readonly name: string }
  readonly accepted: readonly string[]
}

const short = (id: string): string => id.slice(0, 12)

/** Data of another cluster on the host: with it there would be two clusters under one name. */
function foreignData(host: ReachedHost, observed: ObservedCluster, accepted: readonly string[]): Unmet[] {
  const { node, facts } = host
  const { ca_hash, etcd_cluster } = observed.bootstrap
  const foreign = (message: string, remedy: string) => [refuse(node, 'foreign-data', message, remedy)]
  const etcd = facts.cluster?.etcd
  if (ca_hash !== null && facts.data.ca_hash !== null && facts.data.ca_hash !== ca_hash) {
    const difference = `CA ${short(facts.data.ca_hash)} instead of ${short(ca_hash)}`
    const rotated = rotatedAuthorityOf(host, observed, difference)
    if (rotated) return [rotated]
    if (etcd && etcd.cluster_id === etcd_cluster)
      return foreign(
        `its CA is not the recorded one, though its etcd is (${difference})`,
        otherCaRemedy(host, observed),
      )
    return foreign(`its data belongs to another cluster (${difference})`, uninstall(host))
  }
  if (!etcd || ca_hash === null) return []
  if (etcd_cluster !== null && etcd.cluster_id !== etcd_cluster) {
    const difference = `etcd cluster ${etcd.cluster_id} instead of ${etcd_cluster}`
    if (observed.restored !== etcd.cluster_id)
      return foreign(
        `its etcd is another cluster than the recorded one, under the same CA (${difference})`,
        otherEtcdRemedy(host, observed, accepted),
      )
    return [
      {
        name: 'cluster-restored',
        severity: 'warning',
        about: `node ${node.hostname}`,
        message: `all servers agree on another etcd than the recorded one, as after a snapshot was restored (${difference})`,
        remedy: 'If you have restored it, accept it with --accept cluster-restored.',
      },
    ]
  }
  if (observed.etcd && observed.authority?.hostname !== node.hostname && !areOneCluster(etcd, observed.etcd))
    return foreign(
      `it runs an etcd by itself (members: ${namesOf(etcd)}), beside that of ${observed.authority?.hostname} (members: ${namesOf(observed.etcd)})`,
      uninstall(host),
    )
  return []
}

const uninstall = ({ facts }: ReachedHost): string =>
  `Put the right disk back; or, if nothing on it is needed, uninstall RKE2 there: ${uninstallCommand(facts)}.`

/**
 * Data of a member that the cluster has removed. Nothing on the host says so, and its etcd can never start with it:
 * the service would stay in its start for ever.
 */
function removedMember(host: ReachedHost, { etcd, authority }: ObservedCluster): Unmet[] {
  const { node, facts } = host
  if (!etcd || !authority || authority.hostname === node.hostname) return []
  if (!facts.data.etcd_member || listsDataOf(etcd, host)) return []
  return [
    refuse(
      node,
      'member-removed',
      `the cluster has removed it (${authority.hostname} does not list ${facts.data.etcd_name ?? node.hostname} among the members of etcd), and its etcd can never start with the data that is left there`,
      `If it is to come back as a new member, end what still runs of it and delete that data on ${node.hostname}, as root: ${deletion(facts)}. Then apply again.`,
    ),
  ]
}

/** A member whose disk is gone: joining again under its name is refused by etcd, and by the node password it had. */
function lostItsData({ node, facts }: ReachedHost, observed: ObservedCluster, cluster: string): Unmet[] {
  const holds = node.role === 'worker' ? facts.data.agent : facts.data.etcd_member
  // Without its member a server may come back beside its Node, if it still knows the password that the Node has.
  const knows = node.role !== 'worker' && observed.etcd !== null && facts.data.node_password
  // One that answers has its data, whatever its machine showed a moment before: it may be joining just now by itself.
  if (memberAt(observed, node)?.healthy) return []
  const isMember = hasMember(observed, node) || (observed.members?.has(node.hostname) === true && !knows)
  if (holds || !isMember) return []
  const lost = refuse(
    node,
    'member-without-data',
    'it is a member of the cluster, but its machine holds no data any more',
    `Put the disk back; or ${joinAnew(cluster, node)}`,
  )
  return [{ ...lost, providedBy: stageKey(node.role === 'worker' ? kinds.leave : kinds.leaveServer, node.hostname) }]
}

/**
 * Behind another host key lies what can't be looked at. Where it is a new machine, the lost member has to go before the
 * key is accepted: the next refusal would say no more than this one can say already.
 */
export function reinstalledFindings(observed: ObservedCluster, { cluster }: Pick<Guarded, 'cluster'>): Unmet[] {
  return observed.nodes.flatMap(({ node, error }) => {
    // A member that answers is there: only its keys are others.
    if (error?.code !== 'host-key-changed' || !isCountedOn(observed, node) || memberAt(observed, node)?.healthy)
      return []
    const message = 'the cluster still counts on it; where its machine was reinstalled, that member is lost'
    return [refuse(node, 'member-lost', message, `If it was reinstalled, ${joinAnew(cluster.name, node)}`)]
  })
}

/** A member that has started at least once: only that one is in the way of another with its name. */
const hasMember = (observed: Pick<ObservedCluster, 'etcd'>, node: NodeArguments): boolean =>
  !['', undefined].includes(memberAt(observed, node)?.name)

const memberAt = ({ etcd }: Pick<ObservedCluster, 'etcd'>, node: NodeArguments) =>
  etcd ? memberOf(etcd, node) : undefined

/** Whether the cluster still counts on this node, whatever has become of its machine. */
const isCountedOn = (observed: ObservedCluster, node: NodeArguments): boolean =>
  hasMember(observed, node) || observed.members?.has(node.hostname) === true

/** What is lost leaves under the guard of the quorum, and what is there now joins: one run. */
const joinAnew = (cluster: string, { hostname, internal_ip }: NodeArguments): string =>
  `let what is lost leave and its machine join anew: slipway node replace ${cluster} ${hostname} ${hostname}=${internal_ip} --accept ${acceptanceOfKey(hostname)}.`
