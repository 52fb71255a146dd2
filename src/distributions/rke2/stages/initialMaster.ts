import type { Stage } from '../../../engine/stage.ts'
import { only, type StageArguments } from '../arguments.ts'
import { bootstrapFindings, restartFindings } from '../guards.ts'
import { type ClusterLook, hostKey, look, lookAgain } from '../look.ts'
import { nodeChanges, reached } from '../nodeState.ts'
import { play } from '../play.ts'
import { memberPrerequisites } from '../prerequisites.ts'
import { memberTimeout, serverReady } from '../ready.ts'
import { reasonOf } from '../reasons.ts'
import type { ClusterSession } from '../session.ts'
import { type Wanted, wantedFirst } from '../wanted.ts'
import { nodeRecords } from './records.ts'

interface Observed {
  readonly seen: ClusterLook
  readonly wanted: Wanted
}

/**
 * The one server that makes the cluster. Its right to do so is claimed on record before the host is touched, and is
 * spent once the cluster's CA is known.
 */
export function initialMaster(stage: StageArguments, session: ClusterSession): Stage<Observed> {
  const node = only(stage)
  const changesOf = (seen: ClusterLook, wanted: Wanted) =>
    reached(seen.nodes).flatMap(host => nodeChanges(host, wanted, seen))
  return {
    timeout: memberTimeout(stage),
    touches: stage.servers.map(server => hostKey(server.hostname)),
    hosts: [node.hostname],
    records: nodeRecords(node, stage.cluster.version, 'initial_master'),
    async observe(context) {
      const [seen, wanted] = await Promise.all([look(session, stage, context), wantedFirst(session, stage, node)])
      return { seen, wanted }
    },
    checkPrerequisites: ({ seen, wanted }) => [
      ...memberPrerequisites(seen, stage),
      ...bootstrapFindings(seen),
      ...restartFindings(stage, node, changesOf(seen, wanted), seen),
    ],
    shouldRun({ seen, wanted }) {
      const changes = changesOf(seen, wanted)
      // Without a record of the CA nobody could prove to join the right cluster, so an unrecorded one is read again.
      if (changes.length === 0 && seen.bootstrap.state === 'done')
        return { kind: 'skip', reason: `${node.hostname} is a working server` }
      const claim =
        seen.bootstrap.state === 'done'
          ? []
          : [{ effect: 'create' as const, target: 'cluster/bootstrap', summary: 'make the cluster' }]
      return {
        kind: 'run',
        reason: seen.bootstrap.state === 'done' ? reasonOf(changes) : 'there is no cluster yet',
        changes: [...claim, ...changes],
      }
    },
    async execute(context, { seen, wanted }) {
      const [host] = reached(seen.nodes)
      const makes = seen.bootstrap.state !== 'done'
      if (makes)
        await context.record('claims the right to make the cluster', [
          { type: 'bootstrap-claim', machine_id: host?.facts.machine_id ?? '' },
        ])
      await play(
        session,
        {
          playbook: 'install_initial_master.yml',
          arguments: stage,
          nodes: [node],
          files: new Map([[node.hostname, wanted.write]]),
          variables: {
            rke2_bootstrap: makes,
            rke2_bootstrap_permit: makes ? `${stage.cluster.name} ${context.run}` : '',
          },
        },
        context,
      )
    },
    async waitForReady(context) {
      await serverReady(session, stage, node, context)
      const { data } = await lookAgain(session, stage, node, context)
      await context.record('the cluster is made', [{ type: 'bootstrap-done', ca_hash: data.ca_hash ?? '' }])
    },
  }
}
