import { playError } from '../../ansible/failures.ts'
import { environmentEntries } from './files/hostFiles.ts'
import type { HostVariables } from '../../ansible/inventory.ts'
import type { AttemptContext, Change } from '../../engine/contract/stage.ts'
import { Writes } from '../../engine/contract/writes.ts'
import type { ClusterArguments, NodeArguments, StageArguments } from './arguments.ts'
import { dataDirOf } from './observeCluster.ts'
import { ownFileVariables } from './ownFiles/wanted.ts'
import type { Rke2Session } from './session.ts'
import type { WantedFiles } from './wantedFiles.ts'
import type { Json } from '../../contract/json.ts'

export interface StagePlay {
  /** File name of a playbook of ours. */
  readonly playbook: string
  readonly arguments: StageArguments
  /** The nodes to act on, a part of the arguments' nodes. */
  readonly nodes: readonly NodeArguments[]
  /** Files by hostname; absent where the playbook writes none. */
  readonly files?: ReadonlyMap<string, WantedFiles>
  readonly variables?: Readonly<Record<string, string | boolean>>
  /** What a host is told besides. */
  readonly hostVariables?: (node: NodeArguments) => HostVariables
}

/**
 * Runs a stage's playbook with the variables that the playbooks know. The log takes Ansible's own words, the events a
 * line for each task that changed or failed something.
 * @throws SlipwayError of the first failing host, with a finding for each.
 */
export async function play(session: Rke2Session, request: StagePlay, context: AttemptContext): Promise<void> {
  const results = await playEach(session, request, context)
  const error = playError(results)
  if (error) throw error
}

/** As `play`, for batches: a failing host is a result, not an error. */
export function playEach(session: Rke2Session, request: StagePlay, context: AttemptContext) {
  const { cluster } = request.arguments
  const progress = new Writes()
  const common = {
    rke2_version: cluster.version,
    rke2_data_dir: dataDirOf(request.arguments),
    ...(cluster.artifact_url && { rke2_artifact_url: cluster.artifact_url }),
    ...(cluster.artifact_path && { rke2_artifact_path: cluster.artifact_path }),
    // Members are set up only where the release was seen: their plays need not look again.
    ...(request.files && { rke2_prepared: true }),
    ...request.variables,
  }
  const hosts = Object.fromEntries(
    request.nodes.map(node => [
      node.hostname,
      {
        ...fileVariables(request.files?.get(node.hostname), node, cluster),
        ...request.hostVariables?.(node),
        rke2_restart: isRestarted(node.hostname, context.changes),
      },
    ]),
  )
  return session
    .play(
      {
        playbook: request.playbook,
        nodes: request.nodes,
        common,
        hosts,
        onEvent(event) {
          if (event.event !== 'task') return
          const { host, task, seconds } = event
          const outcome = outcomes.find(one => one === event.outcome)
          if (outcome) progress.add(context.task(host, task, { outcome, seconds: seconds ?? null }))
        },
      },
      context,
    )
    .finally(() => progress.done())
}

/** Of those that changed nothing there are too many. */
const outcomes = ['changed', 'failed', 'unreachable'] as const

function fileVariables(files: WantedFiles | undefined, node: NodeArguments, cluster: ClusterArguments): HostVariables {
  const pairs = (entries: readonly { readonly key: string; readonly value: Json }[]) =>
    entries.map(({ key, value }) => ({ key, value }))
  // Nothing is written yet, but the release is fetched through the same proxies.
  if (!files) return { rke2_environment: pairs(environmentEntries(cluster.proxy)) }
  return {
    rke2_config: pairs(files.config),
    rke2_registries: pairs(files.registries),
    rke2_environment: pairs(files.environment),
    ...ownFileVariables(files.own, node, cluster),
  }
}

/** Only a host whose own approved changes say so: in a batch the others go on undisturbed. */
const isRestarted = (hostname: string, changes: readonly Change[]): boolean =>
  changes.some(({ effect, target }) => effect === 'restart' && target.startsWith(`node/${hostname}/`))
