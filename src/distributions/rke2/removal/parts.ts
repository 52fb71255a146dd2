import type { Bootstrap } from '../../../clusters/session.ts'
import { leftOutText } from '../../../contract/plan.ts'
import type { DomainChange } from '../../../domain/changes.ts'
import { isReady } from '../../../kubernetes/nodeStanding.ts'
import type { AttemptContext, Change, Unmet } from '../../../engine/contract/stage.ts'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import { type Node, nodes } from '../../../kubernetes/resources.ts'
import { waitFor } from '../../../kubernetes/waitFor.ts'
import { type NodeArguments, only, type StageArguments } from '../arguments.ts'
import type { HostFacts } from '../host/facts.ts'
import { turnedOnAgain } from '../machine/hostSettings.ts'
import { strangers, unitOf } from '../nodeState.ts'
import type { ObservedHost } from '../observedHost.ts'
import { play } from '../play.ts'
import { refuse } from '../refusal.ts'
import type { Rke2Session } from '../session.ts'
import { absenceFindings, leftAlone } from './leftAsItIs.ts'
import { forgetPassword, lockName } from './nodePassword.ts'
import type { Registered } from './registration.ts'

/** What the removal of an agent and that of a server have in common. */

export const removePlaybook = 'remove_node.yml'
/** ms */
const goneWithin = 120_000

/** A machine as far as anything is done to it. */
export interface Machine {
  readonly node: NodeArguments
  /** Null: nothing is, since it is out of reach or somebody else's, as was accepted. */
  readonly facts: HostFacts | null
  /** Why it stays as it is. */
  readonly left: Unmet | null
}

/** What may be touched of it: nothing where that it stays as it is was accepted. */
export function machineOf(host: ObservedHost, found: readonly Unmet[]): Machine {
  const left = found.find(({ accepted }) => accepted !== undefined) ?? null
  return { node: host.node, facts: left ? null : host.facts, left }
}

/** What is to be done on the machine and in the API, smallest step first. */
export function leavingChanges(stage: StageArguments, host: Machine, seen: Registered): Change[] {
  const node = only(stage)
  const { hostname } = node
  const changes: Change[] = []
  if (host.facts && isToBeCleaned(stage, host.facts))
    changes.push({
      effect: 'delete',
      target: `node/${hostname}/rke2`,
      ...cleaning(host.facts, `stop ${unitOf(node)} and uninstall RKE2 with its data${turnedOnAgain(host.facts)}`),
    })
  // One that was to join may do so by itself when it comes back.
  if (seen.node !== null || seen.password === 'its-own' || (locks(host) && seen.password === 'none'))
    changes.push({ effect: 'delete', target: `node/${hostname}/membership`, summary: membershipSummary(host, seen) })
  return changes
}

/** Where RKE2 is not, our mark may be of this very run: it was taken over while it looked at a machine on which nothing was. */
export const cleaning = (facts: HostFacts, summary: string): Pick<Change, 'summary' | 'unasked'> =>
  hasRke2(facts) ? { summary } : { summary: 'take what is ours from the machine, and give it up', unasked: true }

function membershipSummary(host: Machine, { node }: Registered): string {
  if (!locks(host)) return 'delete the Node and its password'
  return node === null
    ? 'lock its name: the machine cannot join any more'
    : 'delete the Node, and lock its name: the machine cannot join again'
}

/** An agent would register again. A server that comes back finds itself removed from etcd, by the data that it has. */
const locks = ({ node, facts }: Machine): boolean => facts === null && node.role === 'worker'

/** Cleans the machine, deletes the Node, and gives the machine up, in the one order in which nothing comes back. */
export async function takeOut(
  stage: StageArguments,
  session: Rke2Session,
  context: AttemptContext,
  { host, seen }: { readonly host: Machine; readonly seen: Registered },
): Promise<void> {
  const node = only(stage)
  const { hostname } = node
  const { signal } = context
  if (host.facts && isToBeCleaned(stage, host.facts))
    await play(
      session,
      {
        playbook: removePlaybook,
        arguments: stage,
        nodes: [node],
        hostVariables: () => ({ rke2_remove_hosts: [hostname], rke2_members_removed: [hostname] }),
      },
      context,
    )
  await session.api(signal, async client => {
    // The kubelet has ended, or cannot be reached: nobody enters the Node again.
    if (seen.node) await deleteNode(client, seen.node, context)
    await (locks(host) ? lockName(client, hostname, signal) : forgetPassword(client, hostname, signal))
  })
  // Last of all: with it the machine is nobody's, and what comes next may be somebody else's.
  if (host.facts?.fence && !stage.returns) await session.giveUp(hostname, context)
  if (host.left) await context.hostResult(hostname, 'skipped', toldOf(host.left))
}

const toldOf = ({ accepted, message }: Unmet): string => `${leftOutText({ accepted })}: ${message}`

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

/**
 * Where RKE2 was taken off by hand, what is ours is there still, under a fence that may be an older one. A machine that
 * joins anew holds no data, and keeps what was brought to it.
 */
const isToBeCleaned = ({ returns }: Pick<StageArguments, 'returns'>, facts: HostFacts): boolean =>
  !returns && (hasRke2(facts) || facts.fence !== null)

export const hasRke2 = ({ release, data, services, config }: HostFacts): boolean =>
  release.prefix !== null ||
  data.exists ||
  config.length > 0 ||
  Object.values(services).some(({ main_pid }) => main_pid > 0)

/**
 * A node that is to join anew, under its own name: its machine must hold no data of it, or be another one, and then the
 * one that it had before must not live on, or it would take the name again.
 */
export function returningFindings(
  { returns }: Pick<StageArguments, 'returns'>,
  { node, facts }: Pick<Machine, 'node' | 'facts'>,
  seen: Registered,
  memberLives: boolean,
): Unmet[] {
  if (!returns || facts === null) return []
  const { hostname } = node
  if (node.role === 'worker' ? facts.data.agent : facts.data.etcd_member)
    return [
      refuse(
        node,
        'still-holds-data',
        'it is to join anew, and its machine holds its data: it was not installed anew',
        `To repair it: slipway apply. To install it anew: slipway scale remove of ${hostname}, which cleans the machine, and then slipway apply with it in the file.`,
      ),
    ]
  if (
    !memberLives &&
    (node.role !== 'worker' || seen.node === null || !isReady(seen.node) || isAt(seen.node, facts.addresses))
  )
    return []
  return [
    refuse(
      node,
      'old-machine-lives',
      'another machine is to take its name, and its own one still works',
      'Give the new machine a name of its own; or power the old one off, and wait until its Node is not ready.',
    ),
  ]
}

/**
 * Why the machine is not to be cleaned: nobody reaches it, or what lies on it is somebody else's by now, whatever mark is
 * there. The node leaves all the same where that was accepted by its name.
 */
export const machineFindings = (
  stage: StageArguments,
  host: ObservedHost,
  { installation }: Pick<Rke2Session, 'installation'>,
  bootstrap: Bootstrap,
): Unmet[] => [
  ...absenceFindings(host, stage, {
    goOn: 'remove it as it is',
    afterwards: 'It is locked out of the cluster then, and has to be cleaned by hand.',
  }),
  ...[...strangers([host], installation, stage.cluster.name, bootstrap), ...othersDataFindings(host, bootstrap)].map(
    found => leftAlone(host.node, stage, found),
  ),
]

/** A cluster that somebody has made on the machine since is none of ours to wipe. */
export function othersDataFindings({ node, facts }: ObservedHost, { ca_hash, etcd_cluster }: Bootstrap): Unmet[] {
  const { ca_hash: found } = facts?.data ?? { ca_hash: null }
  if (found === null || ca_hash === null || found === ca_hash) return []
  // A CA that was rotated is still that of our etcd.
  if (etcd_cluster !== null && facts?.cluster?.etcd?.cluster_id === etcd_cluster) return []
  return [
    refuse(
      node,
      'foreign-data',
      'the data on its machine is that of another cluster: its CA is not the recorded one',
      'See whose it is. Where it may go, take it off by hand (as root: rke2-uninstall.sh), then try again.',
    ),
  ]
}

const isAt = (node: Node, addresses: readonly string[] | null): boolean =>
  node.status?.addresses?.some(({ type, address }) => type === 'InternalIP' && addresses?.includes(address)) === true

/** The node is no member any more; one that returns is to be one again. */
export const leftRecords = (
  { returns }: Pick<StageArguments, 'returns'>,
  hostname: string,
): readonly DomainChange[] => [
  { type: 'node-leaves', hostname, leaving: 'ended' },
  ...(returns ? [{ type: 'node', hostname, event: 'return' } as const] : []),
]
