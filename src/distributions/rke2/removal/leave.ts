import { acceptanceOfAbsence, acceptedAbsences } from '../../../domain/acceptance.ts'
import { overHosts } from '../../../clusters/transient.ts'
import type { AttemptContext, Change, Stage, Unmet } from '../../../engine/contract/stage.ts'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import { waitFor } from '../../../kubernetes/waitFor.ts'
import { nodes, type Node } from '../../../kubernetes/resources.ts'
import { outOfReach } from '../absent.ts'
import { only, type StageArguments } from '../arguments.ts'
import type { HostFacts } from '../host/facts.ts'
import { strangers, unitOf } from '../nodeState.ts'
import { hostKey, observeNodes } from '../observeCluster.ts'
import type { ObservedHost } from '../observedHost.ts'
import { play } from '../play.ts'
import type { Rke2Session } from '../session.ts'
import { forgetPassword, lockName } from './nodePassword.ts'
import { type Registered, registrationOf } from './registration.ts'

interface Observed {
  readonly host: ObservedHost
  readonly seen: Registered
}

const playbook = 'remove_node.yml'
/** ms */
const goneWithin = 120_000

/**
 * Takes an agent out: RKE2 is uninstalled on its machine, which is then free for another cluster, and its Node and
 * node password go. A machine that is accepted to be out of reach is left as it is, and locked out of the cluster.
 */
export function leave(stage: StageArguments, session: Rke2Session): Stage<Observed> {
  const node = only(stage)
  const { hostname } = node
  const mayBeAbsent = acceptedAbsences(stage.accepted).has(hostname)
  const removed = { type: 'node', hostname, event: 'remove' } as const
  return {
    timeout: 10 * 60_000,
    retry: overHosts,
    touches: [hostKey(hostname)],
    hosts: [hostname],
    records: { completed: [removed], skipped: () => [removed] },
    async observe(context) {
      session.startPlay(playbook, 1, context)
      const [[host], seen] = await Promise.all([
        observeNodes(session, stage, context),
        session.api(context.signal, client => registrationOf(client, hostname, context.signal)),
      ])
      if (!host) throw new TypeError('a stage without a node passed its schema')
      return { host, seen }
    },
    checkPrerequisites: ({ host }) => [
      ...absenceFindings(host, mayBeAbsent),
      ...strangers([host], session.installation, stage.cluster.name),
    ],
    shouldRun({ host, seen }) {
      const changes: Change[] = []
      if (host.facts && (hasRke2(host.facts) || host.facts.fence !== null))
        changes.push({
          effect: 'delete',
          target: `node/${hostname}/rke2`,
          summary: `stop ${unitOf(node)} and uninstall RKE2 with its data`,
        })
      if (seen.node !== null || seen.password === 'its-own')
        changes.push({
          effect: 'delete',
          target: `node/${hostname}/membership`,
          summary: host.facts
            ? 'delete the Node and its password'
            : 'delete the Node, and lock its name: the machine cannot join again',
        })
      if (changes.length === 0) return { kind: 'skip', reason: `${hostname} is no member any more` }
      return { kind: 'run', reason: `${hostname} is to leave the cluster`, changes }
    },
    async execute(context, { host, seen }) {
      const { signal } = context
      if (host.facts && hasRke2(host.facts))
        await play(
          session,
          {
            playbook,
            arguments: stage,
            nodes: [node],
            variables: {},
            hostVariables: () => ({ rke2_remove_hosts: [hostname], rke2_members_removed: [] }),
          },
          context,
        )
      await session.api(signal, async client => {
        // The kubelet has ended, or cannot be reached: nobody enters the Node again.
        if (seen.node) await deleteNode(client, seen.node, context)
        await (host.facts ? forgetPassword(client, hostname, signal) : lockName(client, hostname, signal))
      })
      // Last of all: with it the machine is nobody's, and what comes next may be somebody else's.
      if (host.facts?.fence) await session.giveUp(hostname, context)
    },
    // It was waited for until the Node was gone.
    async waitForReady() {},
  }
}

/** RKE2 lets go of a Node when it has taken away what belongs to it. @throws SlipwayError `stage-timeout`. */
async function deleteNode(client: ClusterClient, { metadata }: Node, context: AttemptContext): Promise<void> {
  const { name, uid } = metadata
  const { signal } = context
  await client.remove(nodes, { name }, { signal, uid })
  await waitFor(
    client,
    nodes,
    { name },
    {
      signal,
      timeout: goneWithin,
      missing: node =>
        node?.metadata.uid === uid
          ? `it waits for its finalizers: ${node.metadata.finalizers?.join(', ') ?? 'none'}`
          : null,
    },
  )
}

const hasRke2 = ({ release, data, services, config }: HostFacts): boolean =>
  release.prefix !== null ||
  data.exists ||
  config.length > 0 ||
  Object.values(services).some(({ main_pid }) => main_pid > 0)

/** One that does not answer is removed without being cleaned only where that was accepted by its name. */
function absenceFindings({ node: { hostname }, error }: ObservedHost, accepted: boolean): Unmet[] {
  if (error === null || (accepted && outOfReach.has(error.code))) return []
  return [
    {
      name: error.code,
      severity: 'error',
      about: `node ${hostname}`,
      message: error.message,
      remedy: outOfReach.has(error.code)
        ? `Bring it back, so that it can be cleaned; or remove it as it is: --accept ${acceptanceOfAbsence(hostname)}. It is locked out of the cluster then, and has to be cleaned by hand.`
        : error.remedy,
    },
  ]
}
