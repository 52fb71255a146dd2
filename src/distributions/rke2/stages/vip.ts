import { overHosts } from '../../../clusters/transient.ts'
import { hostList } from '../../../domain/hostList.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import type { AttemptContext, Stage } from '../../../engine/contract/stage.ts'
import { behind, concerning, unreachable, withoutHosts } from '../absent.ts'
import type { StageArguments } from '../arguments.ts'
import { strangers } from '../nodeState.ts'
import { hostKey } from '../observeCluster.ts'
import { reached, type ReachedHost } from '../observedHost.ts'
import { play } from '../play.ts'
import type { Rke2Session } from '../session.ts'
import { startedAnew, vipChange, vipChanges } from '../vip/changes.ts'
import { vipFindings } from '../vip/findings.ts'
import { holders, lookAtVip, type ObservedVip, runsKeepalived } from '../vip/look.ts'
import { answersThroughVip, hearsTheOthers } from '../vip/verify.ts'

const playbook = 'place_vip.yml'

/**
 * Puts what holds the VIP on servers that serve already, one after the other. Those that have it learn of the others first:
 * a server that the holder does not know hears nothing of it, and would take the VIP as well.
 */
export function vip(stage: StageArguments, session: Rke2Session): Stage<ObservedVip> {
  const { nodes } = stage
  const address = stage.cluster.vip?.address ?? ''
  const names = hostList(nodes.map(({ hostname }) => hostname))
  const isHeld = ({ servers }: ObservedVip) => holders(servers, address).length > 0
  const changesOn = (host: ReachedHost, observed: ObservedVip) =>
    vipChanges(stage, host, observed.wanted.get(host.node.hostname) ?? [], {
      hashKey: session.hashKey,
      held: isHeld(observed),
    })
  const allChanges = (observed: ObservedVip) => {
    const onHosts = reached(observed.seen.nodes).flatMap(host => changesOn(host, observed))
    const whole = vipChange(stage, observed, onHosts.length === 0)
    return whole ? [...onHosts, whole] : onHosts
  }
  return {
    timeout: 5 * 60_000 + nodes.length * 5 * 60_000,
    retry: overHosts,
    touches: nodes.map(({ hostname }) => hostKey(hostname)),
    hosts: nodes.map(({ hostname }) => hostname),
    records: { leftOut: behind },
    observe: context => {
      session.startPlay(playbook, 1, context)
      return lookAtVip(session, stage, context)
    },
    checkPrerequisites: observed => [
      ...[
        ...unreachable(observed.seen, stage),
        ...strangers(observed.seen.nodes, session.installation, stage.cluster.name, observed.seen.bootstrap),
      ].map(concerning(nodes)),
      ...vipFindings(stage, observed),
    ],
    without({ seen, ...rest }, hosts) {
      const left = withoutHosts(seen.nodes, hosts)
      return left.length === 0 ? null : { ...rest, seen: { ...seen, nodes: left } }
    },
    shouldRun(observed) {
      const changes = allChanges(observed)
      if (changes.length === 0)
        return { kind: 'skip', reason: `${names} ${nodes.length === 1 ? 'is' : 'are'} ready to hold ${address}` }
      const reason =
        changes.length === 1
          ? `${address} is not held as it should be`
          : `${address} is to be held by whichever server serves`
      return { kind: 'run', reason, changes }
    },
    async execute(context, observed) {
      const hosts = reached(observed.seen.nodes)
      const anew = hosts.every(host => changesOn(host, observed).length === 0) ? startedAnew(observed, address) : []
      const due = hosts.filter(host => changesOn(host, observed).length > 0 || anew.includes(host))
      const holding = new Set(isHeld(observed) ? reached(observed.servers).filter(runsKeepalived).map(nameOf) : [])
      // Whoever runs already loads who is to come before anybody else starts.
      for (const host of [...due.filter(runsKeepalived), ...due.filter(one => !runsKeepalived(one))]) {
        const isAlone = [...holding].every(name => name === nameOf(host))
        if (!isAlone && !runsKeepalived(host)) await hearsTheOthers(session, stage, host.node, context)
        await place(host, anew.includes(host), observed, context)
        holding.add(nameOf(host))
      }
    },
    waitForReady: context => answersThroughVip(session, stage, context),
  }

  async function place(host: ReachedHost, restart: boolean, observed: ObservedVip, context: AttemptContext) {
    const { node } = host
    const files = observed.wanted.get(node.hostname)
    if (!files) throw new SlipwayError('internal', `the interfaces of ${node.hostname} are not known`)
    await play(
      session,
      {
        playbook,
        arguments: stage,
        nodes: [node],
        hostVariables: () => ({
          rke2_vip_files: files.map(({ path, content, mode }) => ({ path, content, mode })),
          rke2_vip_restart: restart,
        }),
      },
      context,
    )
  }
}

const nameOf = ({ node }: ReachedHost): string => node.hostname
