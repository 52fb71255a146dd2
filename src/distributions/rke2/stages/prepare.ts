import { playError } from '../../../ansible/failures.ts'
import { hostsAtOnce } from '../../../ansible/playbook.ts'
import { overHosts } from '../../../clusters/transient.ts'
import { errorLine, toSlipwayError } from '../../../domain/errors.ts'
import type { Change, Stage, StageContext, Unmet } from '../../../engine/contract/stage.ts'
import { behind, concerning, expectedServers, missedNode, unreachable, withoutHosts } from '../absent.ts'
import type { NodeArguments, StageArguments } from '../arguments.ts'
import { endpointFindings } from '../endpoint.ts'
import { effectiveFindings } from '../effectiveService.ts'
import { guardFindings } from '../guards.ts'
import { hardeningChanges, hardeningVariables, laterParameters } from '../hardening.ts'
import { hostSettingChanges, hostSettingVariables, opens } from '../machine/hostSettings.ts'
import { toolChanges, toolFindings, toolVariables } from '../machine/tools.ts'
import { reached, type ReachedHost } from '../observedHost.ts'
import { type ObservedCluster, hostKey, observeCluster } from '../observeCluster.ts'
import { type Questions, questions } from '../lostHosts.ts'
import { isOurs, strangers } from '../nodeState.ts'
import { playEach } from '../play.ts'
import { ownFileFindings } from '../ownFiles/findings.ts'
import { portFindings } from '../ports.ts'
import { preflightFindings } from '../preflight.ts'
import { checkRelease, releaseFiles } from '../release.ts'
import type { Rke2Session } from '../session.ts'
import { snapshotFolderFindings } from '../snapshotFolder.ts'
import { uploadFindings } from '../uploadRoom.ts'

interface Observed {
  readonly seen: ObservedCluster
  /** Machines of other batches, to compare with. */
  readonly others: readonly ReachedHost[]
  /** What had to be asked for beyond the look: the release source, and the ways between the machines. */
  readonly asked: readonly Unmet[]
  readonly tokenDiffers: boolean
}

const playbook = 'prepare_nodes.yml'

/** As long as fifty hosts may take for the release: so many are brought it at once, ms. */
const releaseTime = 30 * 60_000

/** Machines with the old token would be shut out, and what etcd holds is sealed with it. */
const otherToken: Unmet = {
  name: 'token-differs',
  severity: 'error',
  about: 'spec.token_file',
  message: 'the file holds another token than the one the cluster was set up with',
  remedy: 'Put the earlier token back, or leave token_file out: apply does not rotate the token.',
}

/**
 * Checks every machine at once and brings the release to those that lack it: one stage for the servers, which stand and
 * fall together, and one for each batch of agents, each of which stands for itself. The preflight of the whole
 * installation is here, so that all that is wrong is said in one go, before anything is touched.
 */
export function prepare(stage: StageArguments, session: Rke2Session): Stage<Observed> {
  const { cluster, nodes, accepted } = stage
  const isBatch = nodes.every(({ role }) => role === 'worker')
  const lacking = (seen: ObservedCluster) =>
    reached(seen.nodes).filter(({ facts: { release } }) => release.version !== cluster.version || !release.complete)
  /** What the machine itself is to be like, beyond its release. */
  const settled = (host: ReachedHost) => [...hostSettingChanges(host, cluster), ...toolChanges(host, cluster)]
  const unprepared = (seen: ObservedCluster) =>
    reached(seen.nodes).filter(
      host => lacking(seen).includes(host) || hardeningChanges(host, cluster).length > 0 || settled(host).length > 0,
    )
  /** Machines that nothing of ours was ever brought to. */
  const fresh = (seen: ObservedCluster) =>
    reached(seen.nodes).filter(
      ({ facts }) => !isOurs(facts, session.installation, cluster.name) && facts.release.version === null,
    )
  /** Whatever was brought to them: they have not been members yet. */
  const newcomers = (seen: ObservedCluster) => reached(seen.nodes).filter(({ facts }) => !facts.data.etcd_member)
  return {
    retry: overHosts,
    timeout: Math.ceil(nodes.length / hostsAtOnce) * releaseTime,
    touches: nodes.map(node => hostKey(node.hostname)),
    hosts: nodes.map(node => node.hostname),
    records: { leftOut: behind, ...(isBatch && { batch: { missed: missedNode, failed: missedNode } }) },
    async observe(context) {
      session.startPlay(playbook, nodes.length, context)
      const others = isBatch ? [...stage.servers, ...(await otherAgents(session, stage))] : []
      const [seen, compared, secrets] = await Promise.all([
        observeCluster(session, stage, context),
        others.length > 0 ? observeCluster(session, { ...stage, nodes: others, servers: [] }, context) : null,
        session.secrets(),
      ])
      const asks = questions(seen, stage, context)
      // Behind a firewall that is about to be turned off nothing can be told yet.
      const closed = new Set(reached(seen.servers).flatMap(host => (opens(host, cluster) ? [host.node.hostname] : [])))
      const towards = { ...stage, servers: expectedServers(stage).filter(({ hostname }) => !closed.has(hostname)) }
      const ports = (host: ReachedHost) => asks.ask(host, () => portFindings(session, towards, [host], context))
      const asked = await Promise.all([
        ...byArchitecture(lacking(seen)).map(hosts => askRelease(session, cluster, hosts, context, asks)),
        uploadFindings(cluster, lacking(seen)),
        ...fresh(seen).map(ports),
        endpointFindings(session, stage, fresh(seen), context, asks),
        snapshotFolderFindings(session, cluster, newcomers(seen), context, asks),
      ])
      return {
        seen,
        others: reached(compared?.nodes ?? []),
        asked: [...asks.lost(), ...asked.flatMap(found => found ?? [])].map(concerning(nodes)),
        tokenDiffers: !isBatch && secrets.token_differs,
      }
    },
    checkPrerequisites({ seen, others, asked, tokenDiffers }) {
      const findings: Unmet[] = [
        ...unreachable(seen, stage),
        ...strangers(seen.nodes, session.installation, cluster.name, seen.bootstrap),
        ...effectiveFindings(seen.nodes, cluster, accepted),
        ...guardFindings(seen, stage),
        ...reached(seen.nodes).flatMap(host => [
          ...ownFileFindings(host, cluster),
          ...laterParameters(host, cluster),
          ...toolFindings(host, cluster),
        ]),
        ...preflightFindings(fresh(seen), inOneOrder([...others, ...reached(seen.nodes)]), cluster),
        ...asked,
        ...(tokenDiffers ? [otherToken] : []),
      ]
      return findings
        .filter(finding => finding.severity === 'error' || !accepted.includes(finding.name))
        .map(concerning(nodes))
        .filter(finding => isOwn(finding, nodes))
    },
    without({ seen, asked, ...rest }, hosts) {
      const left = withoutHosts(seen.nodes, hosts)
      if (left.length === 0) return null
      const stays = (finding: Unmet) => !finding.hosts || finding.hosts.some(host => !hosts.has(host))
      return { ...rest, seen: { ...seen, nodes: left }, asked: asked.filter(stays) }
    },
    shouldRun({ seen }) {
      const released = lacking(seen).map(
        ({ node, facts }): Change => ({
          effect: facts.release.version === null ? 'create' : 'update',
          target: `node/${node.hostname}/release`,
          summary: `install rke2 ${cluster.version}`,
          detail: cluster.version,
        }),
      )
      const hardened = reached(seen.nodes).flatMap(host => hardeningChanges(host, cluster))
      const set = reached(seen.nodes)
        .map(settled)
        .filter(changes => changes.length > 0)
      if (released.length + hardened.length + set.length === 0)
        return { kind: 'skip', reason: `rke2 ${cluster.version} is on every machine` }
      const all = seen.nodes.length
      const reasons = [
        ...(released.length > 0 ? [`${released.length} of ${all} machines lack rke2 ${cluster.version}`] : []),
        ...(hardened.length > 0 ? [`${hardened.length} of ${all} are not as their profile asks`] : []),
        ...(set.length > 0 ? [`${set.length} of ${all} are not as host_settings and tools ask`] : []),
      ]
      return { kind: 'run', reason: reasons.join('; '), changes: [...released, ...hardened, ...set.flat()] }
    },
    async execute(context, { seen }) {
      const played = await playEach(
        session,
        {
          playbook,
          arguments: stage,
          nodes: unprepared(seen).map(({ node }) => node),
          hostVariables(node) {
            const host = reached(seen.nodes).find(each => each.node.hostname === node.hostname)
            if (!host) return {}
            return {
              ...hardeningVariables(host, cluster),
              ...hostSettingVariables(host, cluster),
              ...toolVariables(host, cluster),
            }
          },
        },
        context,
      )
      if (isBatch)
        for (const { host, outcome, error } of played.filter(each => each.error !== null)) {
          const failed = outcome === 'unreachable' ? 'unreachable' : 'failed'
          await context.hostResult(host, failed, errorLine(toSlipwayError(error)))
        }
      const error = playError(played)
      if (error) throw error
    },
    // The play itself has checked what it unpacked; nothing starts yet.
    async waitForReady() {},
  }
}

/** Agents of other batches: two machines that were cloned are found wherever they are. */
async function otherAgents(session: Rke2Session, { nodes, servers }: StageArguments): Promise<NodeArguments[]> {
  const own = new Set([...nodes, ...servers].map(({ hostname }) => hostname))
  return (await session.nodes()).filter(({ hostname, role }) => role === 'worker' && !own.has(hostname))
}

/** Several batches find the same twins, and are to say so in the same words. */
const inOneOrder = (hosts: readonly ReachedHost[]): ReachedHost[] =>
  hosts.toSorted((one, other) => (one.node.hostname < other.node.hostname ? -1 : 1))

/** Each has files of its own in a release, whatever the machine is that Slipway runs on. */
const byArchitecture = (hosts: readonly ReachedHost[]): ReachedHost[][] => [
  ...Map.groupBy(hosts, ({ facts }) => releaseFiles(facts.arch).join()).values(),
]

/** Asked of the first machine that answers: one that has just lost its power speaks for itself only. */
async function askRelease(
  session: Rke2Session,
  cluster: StageArguments['cluster'],
  [asker, ...others]: readonly ReachedHost[],
  context: StageContext,
  asks: Questions,
): Promise<Unmet[]> {
  if (!asker) return []
  const answer = await asks.ask(asker, () => checkRelease(session, cluster, asker, context))
  return answer ?? askRelease(session, cluster, others, context, asks)
}

/** Of machines that were only looked at to compare them, other stages tell. */
const isOwn = ({ about, hosts }: Unmet, nodes: StageArguments['nodes']): boolean =>
  hosts !== undefined ||
  !/^nodes? /.test(about) ||
  nodes.some(({ hostname }) => about.split(/[ ,]+/).includes(hostname))
