import { overHosts } from '../../../clusters/transient.ts'
import { type Change, type Stage } from '../../../engine/contract/stage.ts'
import { behind, unreachable } from '../absent.ts'
import { type NodeArguments, only, type StageArguments } from '../arguments.ts'
import { apiUrl, keepKubeconfig, leadsTo } from '../kubeconfig.ts'
import { reached } from '../observedHost.ts'
import { type ObservedCluster, hostKey, observeCluster } from '../observeCluster.ts'
import { presentFiles } from '../nodeState.ts'
import { sameFiles } from '../presentFiles.ts'
import { play } from '../play.ts'
import { formedFindings } from '../prerequisites.ts'
import type { Rke2Session } from '../session.ts'
import { type Wanted, wantedFinished, wantedFirst } from '../wanted.ts'

const playbook = 'finish_initial_master.yml'

interface Observed {
  readonly seen: ObservedCluster
  readonly wanted: Wanted
  /** The host's files are what the stage before writes anew where it has something to do, which is final then. */
  readonly written: boolean
  readonly kubeconfig: string | null
  /** The API takes it no more: it is out of its time, or was revoked. */
  readonly refused: boolean
}

/**
 * The first server is told of another one, so that it can never make a second cluster, and the cluster's kubeconfig is
 * kept. No restart: the new line counts only on an empty disk, and the next restart reads it anyway.
 */
export function finish(stage: StageArguments, session: Rke2Session): Stage<Observed> {
  const node = only(stage)
  return {
    timeout: 5 * 60_000,
    retry: overHosts,
    touches: [hostKey(node.hostname)],
    hosts: [node.hostname],
    records: { runCompleted: [{ type: 'installation-stage', stage: 'completed' }], leftOut: behind },
    without: (observed, hosts) => (hosts.has(node.hostname) ? null : observed),
    async observe(context) {
      session.startPlay(playbook, 1, context)
      const kubeconfig = await session.secret('kubeconfig')
      const [seen, refused] = await Promise.all([
        observeCluster(session, stage, context),
        kubeconfig !== null && session.kubeconfigIsRefused(context.signal),
      ])
      const [first, wanted] = await Promise.all([
        wantedFirst(session, stage, node, seen),
        wantedFinished(session, stage, node, seen),
      ])
      const written = seen.bootstrap.state === 'done' && !lieThere(seen, node, first)
      return { seen, wanted, written, kubeconfig, refused }
    },
    checkPrerequisites: ({ seen }) => [...unreachable(seen, stage), ...formedFindings(seen)],
    shouldRun({ seen, wanted, written, kubeconfig, refused }) {
      const changes: Change[] = []
      const right = written || lieThere(seen, node, wanted)
      if (!right)
        changes.push({
          effect: 'update',
          target: `node/${node.hostname}/config`,
          summary: 'write the final configuration, without a restart',
          detail: wanted.intent,
        })
      // One that leads to an earlier endpoint, trusts an earlier CA or is refused is as good as none.
      if (refused || !leadsTo(kubeconfig, apiUrl(stage, node), seen.bootstrap.ca_hash))
        changes.push({
          effect: 'create',
          target: 'cluster/kubeconfig',
          summary:
            kubeconfig === null ? 'keep the kubeconfig' : `issue the kubeconfig anew, for ${apiUrl(stage, node)}`,
        })
      if (changes.length === 0)
        return {
          kind: 'skip',
          reason: written
            ? `${node.hostname} is told whom to join with its settings`
            : `${node.hostname} knows whom to join, and the kubeconfig is kept`,
        }
      return {
        kind: 'run',
        reason: right
          ? withoutKubeconfig(kubeconfig, refused)
          : `${node.hostname} does not have its final configuration`,
        changes,
      }
    },
    async execute(context, { wanted }) {
      await play(
        session,
        {
          playbook,
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

const withoutKubeconfig = (kubeconfig: string | null, refused: boolean): string =>
  kubeconfig === null
    ? 'the kubeconfig is not kept yet'
    : refused
      ? 'the API takes the kubeconfig that is kept no more'
      : 'the kubeconfig that is kept leads elsewhere'

/** Whether the files of the node, where it was reached, are ones that are right. */
const lieThere = (seen: ObservedCluster, node: NodeArguments, { files, adopted }: Wanted): boolean =>
  reached(seen.nodes).every(({ facts }) => {
    const present = presentFiles(facts, node)
    const right = adopted ? [...(files ?? []), adopted] : files
    return present !== null && right?.some(each => sameFiles(each, present))
  })
