import { type Change, type Stage } from '../../../engine/stage.ts'
import { behind, unreachable } from '../absent.ts'
import { only, type StageArguments } from '../arguments.ts'
import { apiUrl, keepKubeconfig, leadsTo } from '../kubeconfig.ts'
import { reached } from '../hostLook.ts'
import { type ClusterLook, hostKey, look } from '../look.ts'
import { presentFiles, sameFiles } from '../nodeState.ts'
import { play } from '../play.ts'
import { formedFindings } from '../prerequisites.ts'
import type { ClusterSession } from '../session.ts'
import { type Wanted, wantedFinished } from '../wanted.ts'

interface Observed {
  readonly seen: ClusterLook
  readonly wanted: Wanted
  readonly kubeconfig: string | null
}

/**
 * The first server is told of another one, so that it can never make a second cluster, and the cluster's kubeconfig is
 * kept. No restart: the new line counts only on an empty disk, and the next restart reads it anyway.
 */
export function finish(stage: StageArguments, session: ClusterSession): Stage<Observed> {
  const node = only(stage)
  return {
    timeout: 5 * 60_000,
    touches: [hostKey(node.hostname)],
    hosts: [node.hostname],
    records: { runCompleted: [{ type: 'installation-stage', stage: 'completed' }], leftOut: behind },
    without: (observed, hosts) => (hosts.has(node.hostname) ? null : observed),
    async observe(context) {
      const [seen, kubeconfig] = await Promise.all([look(session, stage, context), session.kubeconfig()])
      return { seen, wanted: await wantedFinished(session, stage, node, seen), kubeconfig }
    },
    checkPrerequisites: ({ seen }) => [...unreachable(seen, stage), ...formedFindings(seen)],
    shouldRun({ seen, wanted, kubeconfig }) {
      const changes: Change[] = []
      const right = reached(seen.nodes).every(({ facts }) => {
        const present = presentFiles(facts, node)
        return present !== null && wanted.files?.some(files => sameFiles(files, present))
      })
      if (!right)
        changes.push({
          effect: 'update',
          target: `node/${node.hostname}/config`,
          summary: 'write the final configuration, without a restart',
          detail: wanted.intent,
        })
      // One that leads to an earlier endpoint, or trusts an earlier CA, is as good as none.
      if (!leadsTo(kubeconfig, apiUrl(stage, node), seen.bootstrap.ca_hash))
        changes.push({ effect: 'create', target: 'cluster/kubeconfig', summary: 'keep the kubeconfig' })
      if (changes.length === 0)
        return { kind: 'skip', reason: `${node.hostname} knows whom to join, and the kubeconfig is kept` }
      return {
        kind: 'run',
        reason: right ? 'the kubeconfig is not kept yet' : `${node.hostname} does not have its final configuration`,
        changes,
      }
    },
    async execute(context, { wanted }) {
      await play(
        session,
        {
          playbook: 'finish_initial_master.yml',
          arguments: stage,
          nodes: [node],
          files: new Map([[node.hostname, wanted.write]]),
          variables: { rke2_bootstrap: false },
        },
        context,
      )
      await keepKubeconfig(session, stage, node, context)
    },
    async waitForReady() {},
  }
}
