import { SlipwayError } from '../../../domain/errors.ts'
import type { Stage } from '../../../engine/stage.ts'
import { only, type StageArguments } from '../arguments.ts'
import { bootstrapFindings } from '../guards.ts'
import { keepKubeconfig } from '../kubeconfig.ts'
import { lookAgain } from '../look.ts'
import { reached } from '../nodeState.ts'
import { play } from '../play.ts'
import { serverReady } from '../ready.ts'
import { reasonOf } from '../reasons.ts'
import type { ClusterSession } from '../session.ts'
import { wantedFirst } from '../wanted.ts'
import { type ObservedServer, serverRules } from './server.ts'

/**
 * The one server that makes the cluster. Its right to do so is claimed on record before the host is touched, and is
 * spent once the cluster's CA is known.
 */
export function initialMaster(stage: StageArguments, session: ClusterSession): Stage<ObservedServer> {
  const node = only(stage)
  const { changesOf, ...rules } = serverRules(stage, session, {
    reaches: 'initial_master',
    wanted: wantedFirst,
    findings: bootstrapFindings,
  })
  return {
    ...rules,
    shouldRun(observed) {
      const { seen } = observed
      const changes = changesOf(observed)
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
      // On record without its CA the cluster could never be joined, nor be told from another one.
      if (data.ca_hash === null)
        throw new SlipwayError(
          'service-failed',
          `${node.hostname} is ready, but ${data.path} holds no CA of a cluster`,
          {
            remedy: `Look for server/tls/server-ca.crt on ${node.hostname}: RKE2 keeps its data in another folder than cluster_vars says.`,
            facts: { host: node.hostname, path: data.path },
          },
        )
      await context.record('the cluster is made', [{ type: 'bootstrap-done', ca_hash: data.ca_hash }])
      // From here on there is a cluster to look at, whatever becomes of the others.
      await keepKubeconfig(session, stage, node, context)
    },
  }
}
