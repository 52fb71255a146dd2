import { errorLine, SlipwayError } from '../../../domain/errors.ts'
import { overHosts } from '../../../clusters/transient.ts'
import type { AttemptContext, Change, Stage, StageContext } from '../../../engine/contract/stage.ts'
import { nodes } from '../../../kubernetes/resources.ts'
import { waitFor } from '../../../kubernetes/waitFor.ts'
import { type NodeArguments, only, type StageArguments } from '../arguments.ts'
import type { EtcdMemberFacts } from '../../etcdFacts.ts'
import { memberOf } from '../membership.ts'
import { hostKey, type ObservedCluster, observeAgain, observeCluster } from '../observeCluster.ts'
import type { ObservedHost } from '../observedHost.ts'
import { play, playEach } from '../play.ts'
import type { Rke2Session } from '../session.ts'
import { missingOfLeaving, takeWishBack, wishToLeave } from './leaveWish.ts'
import { notAccepted } from './leftAsItIs.ts'
import { leavingChanges, leftRecords, machineFindings, machineOf, returningFindings, takeOut } from './parts.ts'
import { removalQuorumFindings, removalSum } from './quorumFindings.ts'
import { type Registered, registrationOf } from './registration.ts'

interface Observed {
  /** As the servers see it that stay. */
  readonly cluster: ObservedCluster
  readonly seen: Registered
}

/** ms */
const removedWithin = 120_000
/** ms between looks at the list of members, and how many there are. */
const pause = 500
const looks = 40

/**
 * Takes a server out, under the guard of the quorum: after a snapshot, and after the guard was asked once more, its member
 * leaves etcd and is seen to be gone; only then is it cleaned as any node.
 */
export function leaveServer(stage: StageArguments, session: Rke2Session): Stage<Observed> {
  const node = only(stage)
  const { hostname } = node
  const left = leftRecords(stage, hostname)
  const onMachine = (host: ObservedHost, { cluster }: Observed) =>
    machineFindings(stage, host, session, cluster.bootstrap)
  const touched = (observed: Observed) => {
    const [host] = observed.cluster.nodes
    return host ? machineOf(host, onMachine(host, observed)) : null
  }
  const memberIn = ({ cluster }: Observed) => cluster.etcd && memberOf(cluster.etcd, node)
  return {
    timeout: 15 * 60_000,
    retry: overHosts,
    // What the others say of etcd is stale as well.
    touches: [node, ...stage.servers].map(server => hostKey(server.hostname)),
    hosts: [hostname],
    records: { completed: left, skipped: () => left },
    async observe(context) {
      const [cluster, seen] = await Promise.all([observeCluster(session, stage, context), registered(context)])
      return { cluster, seen }
    },
    checkPrerequisites: observed => [
      ...observed.cluster.nodes.flatMap(host => [
        ...notAccepted(onMachine(host, observed)),
        ...returningFindings(
          stage,
          machineOf(host, onMachine(host, observed)),
          observed.seen,
          memberIn(observed)?.healthy === true,
        ),
      ]),
      ...(observed.cluster.etcd === null || memberIn(observed)
        ? removalQuorumFindings(node, observed.cluster.etcd)
        : []),
    ],
    shouldRun(observed) {
      const { cluster, seen } = observed
      const member = memberIn(observed)
      const host = touched(observed)
      const changes: Change[] = [
        ...(member && cluster.etcd && cluster.authority
          ? [
              {
                effect: 'create' as const,
                target: 'cluster/snapshot',
                summary: `save a snapshot of etcd on ${cluster.authority.hostname}`,
              },
              {
                effect: 'delete' as const,
                target: `node/${hostname}/etcd`,
                summary: `take it out of etcd: ${removalSum(node, cluster.etcd, member.id)}`,
              },
            ]
          : []),
        ...(host ? leavingChanges(stage, host, seen) : []),
      ]
      if (changes.length === 0) return { kind: 'skip', reason: `${hostname} is no member any more` }
      return { kind: 'run', reason: `${hostname} is to leave the cluster`, changes }
    },
    async execute(context, observed) {
      const { cluster, seen } = observed
      const host = touched(observed)
      const member = memberIn(observed)
      const leads = host?.facts?.cluster?.etcd ? moveLeadership : null
      if (member && cluster.authority) await leaveEtcd(cluster.authority, member, leads, context)
      // A Node may have been entered for that.
      const known = member ? await registered(context) : seen
      if (host) await takeOut(stage, session, context, { host, seen: known })
    },
    // It was waited for until member and Node were gone.
    async waitForReady() {},
    // A server that still has the wish leaves etcd by itself later, when nobody counts the majority any more.
    async letGo({ signal }) {
      await session.api(signal, client => takeWishBack(client, hostname, signal))
      return []
    },
  }

  function registered({ signal }: StageContext): Promise<Registered> {
    return session.api(signal, client => registrationOf(client, hostname, signal))
  }

  /** An election would have to find out that nobody leads any more. Where it cannot be moved there is one. */
  async function moveLeadership(context: AttemptContext): Promise<void> {
    const request = { playbook: 'move_leadership.yml', arguments: stage, nodes: [node] }
    for (const { error } of await playEach(session, request, context))
      if (error)
        await context.progress(`etcd elects another leader, if ${hostname} leads: ${errorLine(error)}`, hostname)
  }

  async function leaveEtcd(
    authority: NodeArguments,
    member: EtcdMemberFacts,
    handOver: ((context: AttemptContext) => Promise<void>) | null,
    context: AttemptContext,
  ): Promise<void> {
    const { signal } = context
    await play(
      session,
      {
        playbook: 'save_snapshot.yml',
        arguments: stage,
        nodes: [authority],
        variables: { rke2_snapshot_name: `before-removing-${hostname}` },
      },
      context,
    )
    await handOver?.(context)
    // Somebody may have fallen since the plan, or since the drain: nothing comes between this look and the wish.
    const [finding] = removalQuorumFindings(node, await membersAt(authority, context))
    if (finding)
      throw new SlipwayError('guard-refused', `${hostname}: ${finding.message}`, {
        remedy: finding.remedy,
        facts: { host: hostname },
      })
    await context.progress(`${hostname} is to leave etcd`, hostname)
    await session.api(signal, async client => {
      await wishToLeave(client, hostname, member, signal)
      await waitFor(
        client,
        nodes,
        { name: hostname },
        {
          signal,
          timeout: removedWithin,
          missing: missingOfLeaving,
        },
      )
    })
    for (let left = looks; ; left--) {
      const members = await membersAt(authority, context)
      if (members && !memberOf(members, node)) return
      if (left === 0)
        throw new SlipwayError('service-failed', `${authority.hostname} still lists ${hostname} in its etcd`, {
          facts: { host: hostname },
        })
      await new Promise(resolve => setTimeout(resolve, pause))
      signal.throwIfAborted()
    }
  }

  async function membersAt(authority: NodeArguments, context: AttemptContext) {
    return (await observeAgain(session, stage, authority, context)).cluster?.etcd ?? null
  }
}
