import type { Stage } from '../../../engine/stage.ts'
import { only, type StageArguments } from '../arguments.ts'
import { restartFindings } from '../guards.ts'
import { type ClusterLook, hostKey, look } from '../look.ts'
import { nodeChanges, reached } from '../nodeState.ts'
import { play } from '../play.ts'
import { formedFindings, memberPrerequisites } from '../prerequisites.ts'
import { memberTimeout, serverReady } from '../ready.ts'
import { reasonOf } from '../reasons.ts'
import type { ClusterSession } from '../session.ts'
import { type Wanted, wantedJoiner } from '../wanted.ts'
import { nodeRecords } from './records.ts'

interface Observed {
  readonly seen: ClusterLook
  readonly wanted: Wanted
}

/** One further server. It is ready when it votes in etcd; only then may the next one begin. */
export function join(stage: StageArguments, session: ClusterSession): Stage<Observed> {
  const node = only(stage)
  const changesOf = (seen: ClusterLook, wanted: Wanted) =>
    reached(seen.nodes).flatMap(host => nodeChanges(host, wanted, seen))
  return {
    timeout: memberTimeout(stage),
    // What the others said of the cluster is stale as well: the next restart has to count anew.
    touches: stage.servers.map(server => hostKey(server.hostname)),
    hosts: [node.hostname],
    records: nodeRecords(node, stage.cluster.version, 'joining_masters'),
    async observe(context) {
      const [seen, wanted] = await Promise.all([look(session, stage, context), wantedJoiner(session, stage, node)])
      return { seen, wanted }
    },
    checkPrerequisites: ({ seen, wanted }) => [
      ...memberPrerequisites(seen, stage),
      ...formedFindings(seen),
      ...restartFindings(stage, node, changesOf(seen, wanted), seen),
    ],
    shouldRun({ seen, wanted }) {
      const changes = changesOf(seen, wanted)
      if (changes.length === 0) return { kind: 'skip', reason: `${node.hostname} is a working server` }
      return { kind: 'run', reason: reasonOf(changes), changes }
    },
    async execute(context, { wanted }) {
      // From here on an empty first server can no longer be told from a lost one.
      await context.record('a further server begins to join', [{ type: 'bootstrap-joiner-started' }])
      await play(
        session,
        {
          playbook: 'install_joining_masters.yml',
          arguments: stage,
          nodes: [node],
          files: new Map([[node.hostname, wanted.write]]),
        },
        context,
      )
    },
    waitForReady: context => serverReady(session, stage, node, context),
  }
}
