import { overHosts } from '../../../clusters/transient.ts'
import type { HostVariables } from '../../../ansible/inventory.ts'
import type { Change, Stage, Unmet } from '../../../engine/contract/stage.ts'
import { only, type StageArguments } from '../arguments.ts'
import { type Doing, doingOf } from '../doing.ts'
import { restartFindings } from '../guards.ts'
import { reached } from '../observedHost.ts'
import { type ObservedCluster, hostKey, observeCluster } from '../observeCluster.ts'
import { nodeChanges, writingVariables } from '../nodeState.ts'
import { memberPrerequisites } from '../prerequisites.ts'
import { memberTimeout } from '../ready.ts'
import type { Rke2Session } from '../session.ts'
import type { Wanted } from '../wanted.ts'
import { nodeRecords } from './records.ts'

export interface ObservedServer {
  readonly seen: ObservedCluster
  readonly wanted: Wanted
}

type Rules = Pick<
  Stage<ObservedServer>,
  'timeout' | 'retry' | 'touches' | 'hosts' | 'records' | 'observe' | 'checkPrerequisites' | 'without'
> & {
  /** What has to be done on the server itself. */
  changesOf(observed: ObservedServer): Change[]
  /** What the play is told of the server, for its files. */
  writing(observed: ObservedServer): HostVariables
}

/** What holds for every stage that sets up one server, whether it makes the cluster or joins it. */
export function serverRules(
  stage: StageArguments,
  session: Rke2Session,
  own: {
    readonly reaches: 'initial_master' | 'joining_masters'
    readonly playbook: string
    readonly wanted: (
      session: Rke2Session,
      stage: StageArguments,
      node: StageArguments['nodes'][number],
      seen: ObservedCluster,
    ) => Promise<Wanted>
    /** What this stage asks for besides. */
    readonly findings: (seen: ObservedCluster) => readonly Unmet[]
  },
): Rules {
  const node = only(stage)
  const changesOf = ({ seen, wanted }: ObservedServer) =>
    reached(seen.nodes).flatMap(host => nodeChanges(host, wanted, seen))
  return {
    timeout: memberTimeout(stage),
    retry: overHosts,
    // What the others said of the cluster is stale as well: the next restart has to count anew.
    touches: stage.servers.map(server => hostKey(server.hostname)),
    hosts: [node.hostname],
    records: nodeRecords(node, stage.cluster.version, own.reaches),
    async observe(context) {
      session.startPlay(own.playbook, 1, context)
      const seen = await observeCluster(session, stage, context)
      return { seen, wanted: await own.wanted(session, stage, node, seen) }
    },
    checkPrerequisites: observed => [
      ...memberPrerequisites(observed.seen, stage),
      ...own.findings(observed.seen),
      ...restartFindings(stage, node, changesOf(observed), observed.seen),
    ],
    without: (observed, hosts) => (hosts.has(node.hostname) ? null : observed),
    changesOf,
    writing: ({ seen, wanted }) =>
      Object.assign({}, ...reached(seen.nodes).map(host => writingVariables(host, wanted, seen))),
  }
}

/** What is done to the server, told by what the others know of it. */
export const serverDoing = (
  hostname: string,
  changes: readonly Change[],
  { members }: Pick<ObservedCluster, 'members'>,
): ReadonlyMap<string, Doing> => new Map([[hostname, doingOf(hostname, changes, members?.has(hostname) ?? true)]])
