import { playError } from '../../../ansible/failures.ts'
import { overHosts } from '../../../clusters/transient.ts'
import { errorLine, toSlipwayError } from '../../../domain/errors.ts'
import type { Change, Stage } from '../../../engine/contract/stage.ts'
import { behind, concerning, unreachable, withoutHosts } from '../absent.ts'
import type { StageArguments } from '../arguments.ts'
import { isAdoptable, strangers } from '../nodeState.ts'
import { reached } from '../observedHost.ts'
import { hostKey, type ObservedCluster, observeCluster } from '../observeCluster.ts'
import { playEach } from '../play.ts'
import type { Rke2Session } from '../session.ts'

const playbook = 'adopt_nodes.yml'

/**
 * Marks machines of a cluster that others have made as this cluster's of this installation: every play does so before
 * it begins, and this one does nothing else. Each machine stands for itself.
 */
export function adopt(stage: StageArguments, session: Rke2Session): Stage<ObservedCluster> {
  const { cluster, nodes } = stage
  const unmarked = ({ nodes: looks, bootstrap }: ObservedCluster) =>
    reached(looks).filter(({ facts }) => isAdoptable(facts, bootstrap))
  return {
    retry: overHosts,
    timeout: 10 * 60_000,
    touches: nodes.map(({ hostname }) => hostKey(hostname)),
    hosts: nodes.map(({ hostname }) => hostname),
    records: { leftOut: behind, batch: {} },
    observe: context => observeCluster(session, stage, context),
    checkPrerequisites: seen =>
      [...unreachable(seen, stage), ...strangers(seen.nodes, session.installation, cluster.name, seen.bootstrap)].map(
        concerning(nodes),
      ),
    without(seen, hosts) {
      const left = withoutHosts(seen.nodes, hosts)
      return left.length === 0 ? null : { ...seen, nodes: left }
    },
    shouldRun(seen) {
      const changes = unmarked(seen).map(
        ({ node: { hostname } }): Change => ({
          effect: 'create',
          target: `node/${hostname}/owner`,
          summary: 'mark the machine as one of this cluster; its service goes on as it is',
        }),
      )
      if (changes.length === 0) return { kind: 'skip', reason: 'the machines are marked as those of this cluster' }
      return {
        kind: 'run',
        reason: 'others have made the cluster, and nothing on its machines says whose they are now',
        changes,
      }
    },
    async execute(context, seen) {
      const marked = unmarked(seen).map(({ node }) => node)
      await context.beginHosts(
        marked.map(({ hostname }) => hostname),
        'marks the machines as those of this cluster',
      )
      const played = await playEach(session, { playbook, arguments: stage, nodes: marked }, context)
      for (const { host, outcome, error } of played)
        await context.hostResult(
          host,
          error === null ? 'changed' : outcome === 'unreachable' ? 'unreachable' : 'failed',
          ...(error === null ? [] : [errorLine(toSlipwayError(error))]),
        )
      const error = playError(played)
      if (error) throw error
    },
    async waitForReady() {},
  }
}
