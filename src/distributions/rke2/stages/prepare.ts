import type { Change, Stage, Unmet } from '../../../engine/stage.ts'
import type { StageArguments } from '../arguments.ts'
import { endpointFindings } from '../endpoint.ts'
import { effectiveFindings } from '../effectiveService.ts'
import { guardFindings } from '../guards.ts'
import { hardeningChanges, hardeningVariables } from '../hardening.ts'
import { type ClusterLook, hostKey, look } from '../look.ts'
import { isOurs, reached, strangers, unreachable } from '../nodeState.ts'
import { hostsAtOnce } from '../../../ansible/playbook.ts'
import { play } from '../play.ts'
import { portFindings } from '../ports.ts'
import { preflightFindings } from '../preflight.ts'
import { checkRelease } from '../release.ts'
import type { ClusterSession } from '../session.ts'
import { uploadFindings } from '../uploadRoom.ts'

interface Observed {
  readonly seen: ClusterLook
  /** What had to be asked for beyond the look: the release source, and the ways between the machines. */
  readonly asked: readonly Unmet[]
  readonly tokenDiffers: boolean
}

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
 * Checks every machine at once and brings the release to those that lack it. The preflight of the whole installation is
 * here, so that all that is wrong is said in one go, before anything is touched.
 */
export function prepare(stage: StageArguments, session: ClusterSession): Stage<Observed> {
  const { cluster, nodes, accepted } = stage
  const lacking = (seen: ClusterLook) =>
    reached(seen.nodes).filter(({ facts: { release } }) => release.version !== cluster.version || !release.complete)
  const unprepared = (seen: ClusterLook) =>
    reached(seen.nodes).filter(host => lacking(seen).includes(host) || hardeningChanges(host, cluster).length > 0)
  /** Machines that nothing of ours was ever brought to. */
  const fresh = (seen: ClusterLook) =>
    reached(seen.nodes).filter(
      ({ facts }) => !isOurs(facts, session.installation, cluster.name) && facts.release.version === null,
    )
  return {
    timeout: Math.ceil(nodes.length / hostsAtOnce) * releaseTime,
    touches: nodes.map(node => hostKey(node.hostname)),
    hosts: nodes.map(node => node.hostname),
    async observe(context) {
      const [seen, secrets] = await Promise.all([look(session, stage, context), session.secrets()])
      const [asker] = lacking(seen)
      const asked = await Promise.all([
        asker ? checkRelease(session, cluster, asker, context) : [],
        uploadFindings(cluster, lacking(seen)),
        portFindings(session, stage, fresh(seen), context),
        endpointFindings(session, stage, fresh(seen), context),
      ])
      return { seen, asked: asked.flat(), tokenDiffers: secrets.token_differs }
    },
    checkPrerequisites({ seen, asked, tokenDiffers }) {
      const findings: Unmet[] = [
        ...unreachable(seen.nodes),
        ...strangers(seen.nodes, session.installation, cluster.name),
        ...effectiveFindings(seen.nodes, cluster, accepted),
        ...guardFindings(seen, stage),
        ...preflightFindings(fresh(seen), reached(seen.nodes), cluster),
        ...asked,
        ...(tokenDiffers ? [otherToken] : []),
      ]
      return findings.filter(finding => finding.severity === 'error' || !accepted.includes(finding.name))
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
      if (released.length + hardened.length === 0)
        return { kind: 'skip', reason: `rke2 ${cluster.version} is on every machine` }
      const reasons = [
        ...(released.length > 0 ? [`${released.length} of ${nodes.length} machines lack rke2 ${cluster.version}`] : []),
        ...(hardened.length > 0 ? [`${hardened.length} of ${nodes.length} are not prepared for their profile`] : []),
      ]
      return { kind: 'run', reason: reasons.join('; '), changes: [...released, ...hardened] }
    },
    async execute(context, { seen }) {
      await play(
        session,
        {
          playbook: 'prepare_nodes.yml',
          arguments: stage,
          nodes: unprepared(seen).map(({ node }) => node),
          hostVariables: node => hardeningVariables(node, cluster),
        },
        context,
      )
    },
    // The play itself has checked what it unpacked; nothing starts yet.
    async waitForReady() {},
  }
}
