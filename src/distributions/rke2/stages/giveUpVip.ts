import { overHosts } from '../../../clusters/transient.ts'
import { hostList } from '../../../domain/hostList.ts'
import type { Change, Stage, StageContext } from '../../../engine/contract/stage.ts'
import { withoutHosts } from '../absent.ts'
import type { StageArguments } from '../arguments.ts'
import { isOurs } from '../nodeState.ts'
import { hostKey, observeNodes } from '../observeCluster.ts'
import { type ObservedHost, reached, type ReachedHost } from '../observedHost.ts'
import { play } from '../play.ts'
import { absenceFindings, notAccepted } from '../removal/leftAsItIs.ts'
import type { Rke2Session } from '../session.ts'
import { hasOurs, runsKeepalived } from '../vip/look.ts'
import { answersThroughVip } from '../vip/verify.ts'

const playbook = 'give_up_vip.yml'

interface Observed {
  readonly hosts: readonly ObservedHost[]
}

/**
 * Takes what holds a VIP off servers: before they leave the cluster, so that the VIP goes on while they still serve; and
 * where the cluster is to have none any more, after everybody was told of another endpoint.
 */
export function giveUpVip(stage: StageArguments, session: Rke2Session): Stage<Observed> {
  const { nodes, cluster } = stage
  const names = hostList(nodes.map(({ hostname }) => hostname))
  const due = ({ hosts }: Observed): ReachedHost[] =>
    reached(hosts).filter(host => hasOurs(host) && isOurs(host.facts, session.installation, cluster.name))
  return {
    timeout: 5 * 60_000,
    retry: overHosts,
    touches: nodes.map(({ hostname }) => hostKey(hostname)),
    hosts: nodes.map(({ hostname }) => hostname),
    async observe(context) {
      session.startPlay(playbook, nodes.length, context)
      return { hosts: await look(nodes, context) }
    },
    checkPrerequisites: ({ hosts }) => hosts.flatMap(host => notAccepted(absenceFindings(host, stage, withoutIt))),
    without({ hosts }, absent) {
      const left = withoutHosts(hosts, absent)
      return left.length === 0 ? null : { hosts: left }
    },
    shouldRun(observed) {
      const changes = due(observed).map(
        ({ node, facts }): Change => ({
          effect: 'delete',
          target: `node/${node.hostname}/vip`,
          summary: `give the VIP up: take ${
            facts.vip.files
              .filter(({ ours }) => ours)
              .map(({ path }) => path)
              .join(', ') || 'slipway-vip'
          } away`,
        }),
      )
      if (changes.length === 0)
        return { kind: 'skip', reason: `${names} ${nodes.length === 1 ? 'holds' : 'hold'} no VIP of Slipway’s` }
      return {
        kind: 'run',
        reason: cluster.vip
          ? `${names} ${nodes.length === 1 ? 'is' : 'are'} to hold ${cluster.vip.address} no more`
          : 'the cluster is to have no VIP any more',
        changes,
      }
    },
    async execute(context, observed) {
      await play(session, { playbook, arguments: stage, nodes: due(observed).map(({ node }) => node) }, context)
    },
    async waitForReady(context) {
      if (cluster.vip && (await others(context))) await answersThroughVip(session, stage, context)
    },
  }

  function look(some: StageArguments['nodes'], context: StageContext): Promise<readonly ObservedHost[]> {
    return observeNodes(session, { cluster, nodes: [...some] }, context)
  }

  async function others(context: StageContext): Promise<boolean> {
    const own = new Set(nodes.map(({ hostname }) => hostname))
    const staying = stage.servers.filter(({ hostname }) => !own.has(hostname))
    return staying.length > 0 && reached(await look(staying, context)).some(runsKeepalived)
  }
}

const withoutIt = {
  goOn: 'go on without it',
  afterwards: 'It may go on to answer for the VIP until it is cleaned by hand.',
}
