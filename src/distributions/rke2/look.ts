import type { SeenHost, SeenMember } from '../../contract/drift.ts'
import { isIdentified, type RecordedNode } from '../../domain/recordedCluster.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import type { Finding } from '../../domain/errors.ts'
import type { Look } from '../contract.ts'
import { type NodeArguments, nodeArguments } from './arguments.ts'
import { certificateFindings } from './certificates.ts'
import type { EtcdMemberFacts } from '../etcdFacts.ts'
import type { HostFacts } from './host/facts.ts'
import { authorityOf, memberOf } from './membership.ts'
import { unitOf } from './nodeState.ts'
import { type ObservedHost, reached, type ReachedHost } from './observedHost.ts'
import { observeNodes } from './observeCluster.ts'
import type { Rke2Session } from './session.ts'
import type { Rke2Spec } from './spec/spec.ts'

/** What these nodes show; what the stages of a plan have looked at is not looked at again. */
export async function look(
  session: Rke2Session,
  desired: Pick<Rke2Spec, 'cluster_vars'>,
  recorded: readonly RecordedNode[],
  context: Pick<StageContext, 'observations' | 'signal'>,
): Promise<Look> {
  const bootstrap = await session.bootstrap()
  if (bootstrap.state === 'done' && !isIdentified(bootstrap)) return { hosts: [], etcd: null, findings: [] }
  const nodes = recorded.map(({ hostname, role, internal_ip }) => nodeArguments.parse({ hostname, role, internal_ip }))
  const hosts = await observeNodes(session, { cluster: desired, nodes }, context)
  const asked = authorityOf(hosts, bootstrap)
  const listed = asked?.facts.cluster?.etcd?.members
  const members = listed?.map(memberSeen(listed, hosts))
  return {
    hosts: hosts.map(({ node, facts, error }) =>
      error === null
        ? { hostname: node.hostname, host: seenHost(node, facts), error }
        : { hostname: node.hostname, host: null, error },
    ),
    etcd: asked && members ? { asked: asked.node.hostname, members } : null,
    findings: [
      ...(asked && members ? foreignMembers(asked, members) : []),
      ...reached(hosts).flatMap(host => certificateFindings(host, Date.now())),
    ],
  }
}

function seenHost(node: NodeArguments, { release, services, certificate, time, clock_skew }: HostFacts): SeenHost {
  const unit = unitOf(node)
  const { active, enabled, started, restart_pending } = services[unit]
  return {
    // By our clock: that of the machine may be wrong.
    seen_at: new Date((time.finished - clock_skew) * 1000).toISOString(),
    version: release.version,
    service: { unit, active, enabled, since: started, restart_pending },
    certificate,
  }
}

/** Members that belong to nobody on record. */
function foreignMembers({ node, facts }: ReachedHost, members: readonly SeenMember[]): Finding[] {
  const tls = `${facts.data.path}/server/tls/etcd`
  const etcdctl = `kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml -n kube-system exec etcd-${node.hostname} -- etcdctl --cacert ${tls}/server-ca.crt --cert ${tls}/server-client.crt --key ${tls}/server-client.key`
  return members
    .filter(({ hostname }) => hostname === null)
    .map(({ id, name, addresses, healthy }) => ({
      name: 'foreign-member',
      severity: 'warning',
      about: 'etcd',
      message: `the member ${name || id} (${addresses.join(', ') || 'without an address'}) belongs to no node on record; it ${healthy ? 'answers' : 'does not answer'}, and counts for the majority`,
      remedy: `See whose it is. If nobody needs it, on ${node.hostname}, as root: ${facts.data.path}/bin/${etcdctl} member remove ${id}`,
    }))
}

/** Of two members of one node the one counts whose data lies on its machine, or that answers. */
function memberSeen(all: readonly EtcdMemberFacts[], hosts: readonly ObservedHost[]) {
  const ownNames = new Map(reached(hosts).map(({ node, facts }) => [node.hostname, facts.data.etcd_name]))
  const living = all.toSorted((one, other) => Number(other.healthy) - Number(one.healthy))
  const owners = new Map(
    hosts
      .filter(({ node }) => node.role !== 'worker')
      .map(({ node }) => {
        const own = all.find(({ name }) => name !== '' && name === ownNames.get(node.hostname))
        return [(own ?? memberOf({ members: living }, node))?.id, node.hostname] as const
      }),
  )
  return ({ id, name, peer_urls, learner, healthy }: EtcdMemberFacts): SeenMember => ({
    id,
    name,
    hostname: owners.get(id) ?? null,
    addresses: peer_urls,
    learner,
    healthy,
  })
}
