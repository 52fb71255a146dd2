import { quorumWithout, votersOf } from '../../domain/quorum.ts'
import type { Change, Unmet } from '../../engine/contract/stage.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import { reached, type ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { memberFindings, reinstalledFindings } from './memberGuards.ts'
import { memberOf } from './membership.ts'
import { isAdoptable, isOurs, unitOf } from './nodeState.ts'
import { refuse } from './refusal.ts'
import { otherRole } from './roleChanges.ts'

/** Refusals that protect a cluster that exists: nothing an installation may do is worth a split or a lost member. */
export function guardFindings(
  observed: ObservedCluster,
  { cluster, accepted }: Pick<StageArguments, 'cluster' | 'accepted'>,
): Unmet[] {
  const findings = reached(observed.nodes).flatMap(host => [
    ...memberFindings(host, observed, { cluster, accepted }),
    ...otherVersion(host, observed, cluster.version),
    ...roleFindings(host, observed, cluster.name),
  ])
  return [...findings, ...reinstalledFindings(observed, { cluster })].filter(
    ({ severity, name }) => severity === 'error' || !accepted.includes(name),
  )
}

/**
 * Changing the version of what runs is an upgrade, with an order and gates of its own. An agent that somebody has given
 * another patch than the servers have, which are as the file says, gets theirs.
 */
function otherVersion({ node, facts }: ReachedHost, { servers }: ObservedCluster, version: string): Unmet[] {
  const { release, services, data } = facts
  const member = services[unitOf(node)].main_pid > 0 || (node.role === 'worker' ? data.agent : data.etcd_member)
  if (release.version === null || release.version === version || !member) return []
  const others = reached(servers).filter(server => server.node.hostname !== node.hostname)
  const isAlone = others.length > 0 && others.every(server => server.facts.release.version === version)
  if (isAlone && node.role === 'worker' && minorOf(release.version) === minorOf(version)) return []
  return [
    refuse(
      node,
      'version-differs',
      `it runs ${release.version}, the file says ${version}`,
      isAlone
        ? `The servers run what the file says. Put that release back on ${node.hostname}, as root: curl -sfLo rke2.sh https://get.rke2.io && INSTALL_RKE2_VERSION=${version} INSTALL_RKE2_TYPE=${unitOf(node).replace('rke2-', '')} sh rke2.sh && systemctl restart ${unitOf(node)}.`
        : `apply does not upgrade: set version back to ${release.version}.`,
    ),
  ]
}

/** `v1.34` */
const minorOf = (version: string): string => version.split('.', 2).join('.')

/** A machine that others have set up and that nobody has marked yet tells as well as one of ours. */
function roleFindings({ node, facts }: ReachedHost, seen: ObservedCluster, cluster: string): Unmet[] {
  const other = unitOf(node) === 'rke2-server' ? 'rke2-agent' : 'rke2-server'
  if (!isOurs(facts, seen.installation, cluster) && !isAdoptable(facts, seen.bootstrap)) return []
  const isSetUp = facts.services[other].main_pid > 0 || facts.services[other].enabled
  return isSetUp || (other === 'rke2-server' && facts.data.etcd_member) ? [otherRole(cluster, node, other)] : []
}

/**
 * Whether this host may make the cluster (C9). While claimed only the same machine may go on, on an empty disk only if
 * no joiner was ever started; once the cluster is made, nobody may. Where the cluster that was made answers, the host
 * joins it as any other server: what stands in the way of that is said elsewhere.
 */
export function bootstrapFindings(observed: ObservedCluster, cluster: string): Unmet[] {
  const [host] = reached(observed.nodes)
  if (!host || host.facts.data.etcd_member) return []
  const { state, machine_id, joiner_started } = observed.bootstrap
  if (state === 'done' && observed.authority !== null) return []
  const spent = (
    message: string,
    remedy = `Starting it anew would make a second cluster. Put its disk back; or bring another server of the cluster back, and let this one join it: slipway node replace ${cluster} ${host.node.hostname} ${host.node.hostname}=${host.node.internal_ip}; or restore a snapshot with RKE2’s own --cluster-reset.`,
  ): Unmet[] => [refuse(host.node, 'bootstrap-spent', message, remedy)]
  const other = reached(observed.servers).find(
    server => server.node.hostname !== host.node.hostname && server.facts.data.etcd_member,
  )
  // Whatever the record says (it may have been put back from before): where there is a member, there is a cluster.
  if (other) return spent(`${other.node.hostname} holds a cluster already, and this machine holds no data`)
  if (state === 'done') return spent('the cluster was made already, and this machine holds none of its data')
  if (state === 'claimed' && joiner_started) return spent('others have begun to join, and this machine holds no data')
  if (state === 'claimed' && machine_id !== host.facts.machine_id)
    return spent(
      `the right to make the cluster was claimed by another machine (${machine_id})`,
      `Go on with that machine. If it will not come back, nobody has joined it: write ${machine_id} into /etc/machine-id here, so that this one takes its place.`,
    )
  return []
}

/**
 * A restart takes one voter away for a while (C17). Where the rest keeps the majority nothing is said; where one or two
 * servers make an interruption unavoidable it has to be accepted by name; where others are down it is refused. Before
 * the cluster is made there is nothing to lose.
 */
export function restartFindings(
  { accepted }: Pick<StageArguments, 'accepted'>,
  node: NodeArguments,
  changes: readonly Change[],
  { etcd, servers, bootstrap }: Pick<ObservedCluster, 'etcd' | 'servers' | 'bootstrap'>,
): Unmet[] {
  if (!changes.some(change => change.effect === 'restart') || bootstrap.state !== 'done') return []
  const interruption = (message: string): Unmet[] => {
    if (accepted.includes('interruption')) return []
    const remedy = 'Accept it with --accept interruption, at a time that suits.'
    return [{ name: 'interruption', severity: 'warning', about: `node ${node.hostname}`, message, remedy }]
  }
  if (etcd === null) {
    // A server that can't be looked at may hold a voter as well.
    const voters = servers.filter(({ facts }) => facts === null || facts.data.etcd_member).length
    // It may be this very change that brings the API back: a wrong setting has to be fixed without it.
    if (voters <= 2)
      return interruption('no server answers for the cluster, and its restart interrupts what still runs')
    return [
      refuse(
        node,
        'quorum-unknown',
        'no server answers for the cluster, so nobody can say what a restart would cost',
        'Bring the API of a server back first.',
      ),
    ]
  }
  const { voters: all, healthy, needed, kept } = quorumWithout(votersOf(etcd.members), memberOf(etcd, node)?.id ?? '')
  if (kept) return []
  const sum = `${healthy} of ${all} voters would be up, ${needed} are needed`
  if (all <= 2) return interruption(`its restart interrupts the cluster: ${sum}`)
  return [
    refuse(
      node,
      'quorum-at-risk',
      `its restart would lose the majority of etcd: ${sum}`,
      'Bring the other servers back first.',
    ),
  ]
}
