import { playError, type PlayedHost } from '../../../ansible/failures.ts'
import { overHosts } from '../../../clusters/transient.ts'
import type { Bootstrap } from '../../../clusters/session.ts'
import { hostList } from '../../../domain/hostList.ts'
import { errorLine, toSlipwayError } from '../../../domain/errors.ts'
import type { Leaving } from '../../../domain/lifecycle.ts'
import { atMost } from '../../../engine/plan/atMost.ts'
import type { AttemptContext, Change, Stage } from '../../../engine/contract/stage.ts'
import { behind, withoutHosts } from '../absent.ts'
import type { NodeArguments, UninstallArguments } from '../arguments.ts'
import { hostKey, observeNodes } from '../observeCluster.ts'
import { type ObservedHost, reached } from '../observedHost.ts'
import { turnedOnAgain } from '../machine/hostSettings.ts'
import { unitOf } from '../nodeState.ts'
import { playEach } from '../play.ts'
import { cleaning, hasRke2 } from '../removal/parts.ts'
import type { Rke2Session } from '../session.ts'
import { absenceFindings, leftAlone } from '../removal/leftAsItIs.ts'
import { type Claim, claimOn } from './claim.ts'
import { keptIn } from './kept.ts'

interface Observed {
  readonly hosts: readonly ObservedHost[]
  readonly bootstrap: Bootstrap
}

const playbook = 'uninstall_cluster.yml'
/** Each is a child and a session. */
const givenUpAtOnce = 16

/**
 * Takes RKE2 with all data off a batch of machines, and gives them up. Each stands for itself: one that fails does not
 * stop the others. A machine that is somebody else's by now is left as it is.
 */
export function uninstall(stage: UninstallArguments, session: Rke2Session): Stage<Observed> {
  const { nodes, cluster } = stage
  const claimOf = (host: Parameters<typeof claimOn>[0], bootstrap: Bootstrap): Claim =>
    claimOn(host, session.installation, { name: cluster.name, bootstrap })
  const ours = ({ hosts, bootstrap }: Observed) =>
    reached(hosts).filter(host => claimOf(host, bootstrap).kind === 'ours')
  const leaves = (leaving: Leaving, error?: string) => (hostname: string) => {
    // The first server stays on record until the cluster goes: without one it could be read by nobody.
    const stays = leaving === 'ended' && nodes.find(node => node.hostname === hostname)?.role === 'initial_master'
    return stays ? [] : [{ type: 'node-leaves', hostname, leaving, ...(error !== undefined && { error }) } as const]
  }
  return {
    timeout: 10 * 60_000,
    retry: overHosts,
    touches: nodes.map(({ hostname }) => hostKey(hostname)),
    hosts: nodes.map(({ hostname }) => hostname),
    records: {
      skipped: leftOut => nodes.flatMap(({ hostname }) => (leftOut.has(hostname) ? [] : leaves('ended')(hostname))),
      leftOut: stage.leaves ? leaves('ended') : behind,
      batch: {
        begun: leaves('begun'),
        idle: leaves('ended'),
        done: leaves('ended'),
        failed: (hostname, error) => leaves('failed', error)(hostname),
        missed: (hostname, error) => leaves('failed', error)(hostname),
      },
    },
    async observe(context) {
      session.startPlay(playbook, nodes.length, context)
      const { targets } = await session.hosts()
      // One that was given up is off the record: whoever has it now, it is nothing to us.
      const known = new Set(targets.map(({ hostname }) => hostname))
      const mine = nodes.filter(({ hostname }) => known.has(hostname))
      const [hosts, bootstrap] = await Promise.all([
        observeNodes(session, { ...stage, nodes: mine }, context),
        session.bootstrap(),
      ])
      return { hosts, bootstrap }
    },
    checkPrerequisites: ({ hosts, bootstrap }) => [
      ...hosts.flatMap(host => absenceFindings(host, stage, withoutIt)),
      ...reached(hosts).flatMap(host => {
        const claim = claimOf(host, bootstrap)
        return claim.kind === 'left-alone' ? leftAlone(host.node, stage, notOurs(claim.why)) : []
      }),
    ],
    without({ hosts, ...rest }, absent) {
      const left = withoutHosts(hosts, absent)
      return left.length === 0 ? null : { ...rest, hosts: left }
    },
    shouldRun(observed) {
      const changes = ours(observed).map(
        ({ node, facts }): Change => ({
          effect: 'delete',
          target: `node/${node.hostname}/rke2`,
          ...cleaning(
            facts,
            `stop ${unitOf(node)}, uninstall RKE2 with its data${lostWith(node, stage)}, and give the machine up${turnedOnAgain(facts)}`,
          ),
        }),
      )
      const names = hostList(observed.hosts.map(({ node }) => node.hostname))
      if (changes.length === 0) return { kind: 'skip', reason: `nothing of the cluster is on ${names || 'them'}` }
      return { kind: 'run', reason: `nothing is to be left of ${cluster.name}`, changes }
    },
    async execute(context, observed) {
      const all = ours(observed)
      const names = all.map(({ node }) => node.hostname)
      await context.beginHosts(names, `uninstalls ${hostList(names)}`)
      // What is ours may lie there before RKE2 does, and only a play brings this run's fence.
      const installed = all.filter(({ facts }) => hasRke2(facts) || facts.fence !== null).map(({ node }) => node)
      const played = installed.length === 0 ? [] : await playOn(installed, observed.bootstrap, context)
      const failed = new Map(played.flatMap(result => (result.error === null ? [] : [[result.host, result] as const])))
      for (const { host, outcome, error } of failed.values())
        await context.hostResult(
          host,
          outcome === 'unreachable' ? 'unreachable' : 'failed',
          error ? errorLine(error) : outcome,
        )
      const slot = atMost(givenUpAtOnce)
      const ended = await Promise.all(
        all
          .filter(({ node }) => !failed.has(node.hostname))
          .map(({ node }) => slot(() => giveUp(node.hostname, context))),
      )
      const error = playError([...failed.values(), ...ended])
      if (error) throw error
    },
    async waitForReady(context, begun) {
      if (begun !== null) return
      // An earlier attempt had done all, and nobody saw its end.
      await context.beginHosts([], 'nothing is left of the cluster there')
    },
  }

  function playOn(
    installed: readonly NodeArguments[],
    bootstrap: Bootstrap,
    context: AttemptContext,
  ): Promise<readonly PlayedHost[]> {
    const names = installed.map(({ hostname }) => hostname)
    return playEach(
      session,
      {
        playbook,
        arguments: stage,
        nodes: installed,
        variables: { rke2_keep_snapshots: stage.keep_snapshots ? keptIn(cluster.name, bootstrap) : '' },
        hostVariables: () => ({ rke2_remove_hosts: names }),
      },
      context,
    )
  }

  /** Last of all: with it the machine is nobody's, and what comes next may be somebody else's. */
  async function giveUp(hostname: string, context: AttemptContext): Promise<PlayedHost> {
    try {
      await session.giveUp(hostname, context)
      await context.hostResult(hostname, 'changed', 'nothing of the cluster is left on it')
      return { host: hostname, outcome: 'changed', recap: null, error: null }
    } catch (thrown) {
      context.signal.throwIfAborted()
      const error = toSlipwayError(thrown)
      await context.hostResult(hostname, 'failed', errorLine(error))
      return { host: hostname, outcome: 'failed', recap: null, error }
    }
  }
}

const lostWith = ({ role }: NodeArguments, { keep_snapshots }: UninstallArguments): string =>
  role === 'worker' ? '' : keep_snapshots ? ' and its etcd, keeping the snapshots' : ', its etcd and its snapshots'

const withoutIt = {
  goOn: 'go on without it',
  afterwards: 'It keeps RKE2 and its data then, and has to be cleaned by hand.',
}

const notOurs = (why: string) => ({
  name: 'left-alone' as const,
  message: `${why}: nothing is done on it`,
  remedy:
    'See whose it is. If what lies there is this cluster’s, uninstall it there by hand, as root: rke2-uninstall.sh; rm -r /var/lib/slipway.',
})
