import { apiNodesKey } from '../../../clusters/apiNodes.ts'
import { withClusterApi } from '../../../clusters/clusterApi.ts'
import type { ClusterSession } from '../../../clusters/session.ts'
import { overHosts } from '../../../clusters/transient.ts'
import { errorLine } from '../../../domain/errors.ts'
import type { Stage } from '../../../engine/contract/stage.ts'
import { nodes } from '../../../kubernetes/resources.ts'
import { waitForAll } from '../../../kubernetes/waitFor.ts'
import { inOrder, type StageArguments } from '../arguments.ts'
import { noteOf, writeNote } from '../note.ts'
import { type ObservedCluster, hostKey, observeCluster, seeHosts } from '../observeCluster.ts'
import { missingNodes, provenIdentity } from '../verified.ts'
import { runsEtcd } from '../spec/roles.ts'

/** s */
const readyWithin = 600

/** Asks the API and each etcd whether the cluster is the one that was wanted; only then it counts as made. */
export function verify({ cluster }: StageArguments, session: ClusterSession): Stage<ObservedCluster> {
  const names = inOrder(cluster).map(({ hostname }) => hostname)
  const timeout = (cluster.ready_timeout_s ?? readyWithin) * 1000
  const installed_version = `v${cluster.version}`
  return {
    timeout: timeout + 120_000,
    retry: overHosts,
    touches: [apiNodesKey, 'api/kubespray-note'],
    records: {
      completed: names.map(hostname => ({ type: 'node', hostname, event: 'ready', installed_version }) as const),
      skipped: () => names.map(hostname => ({ type: 'node-works', hostname, installed_version }) as const),
      failed: error =>
        names.map(hostname => ({ type: 'node', hostname, event: 'fail', error: errorLine(error) }) as const),
      runCompleted: [{ type: 'installation-stage', stage: 'completed' }],
    },
    observe: context => observeCluster(session, cluster, context),
    checkPrerequisites: () => [],
    shouldRun({ bootstrap, api }) {
      const missing = api.error ? api.error.message : missingNodes(api.nodes, cluster)
      if (bootstrap.state === 'done' && missing === null)
        return { kind: 'skip', reason: 'all nodes are there and ready' }
      return {
        kind: 'run',
        reason: bootstrap.state === 'done' ? (missing ?? '') : 'the cluster was not verified yet',
        changes: [
          {
            effect: 'update',
            target: 'cluster/verified',
            summary: 'verify at the API and at etcd that all nodes are there and ready',
          },
        ],
      }
    },
    async execute(context) {
      await context.progress('asks the API for all nodes')
    },
    async waitForReady(context) {
      const { signal } = context
      await withClusterApi(session, signal, client =>
        waitForAll(client, nodes, {}, 'the Nodes of the cluster', {
          signal,
          timeout,
          missing: found => missingNodes(found, cluster),
          onMissing: missing => void context.progress(missing).catch(() => {}),
        }),
      )
      for (const name of names) context.observations.drop(hostKey(name))
      const members = await session.etcdMembers()
      const wanted = new Map(
        inOrder(cluster)
          .filter(runsEtcd)
          .map(({ hostname }) => [hostname, members.get(hostname) ?? '']),
      )
      const identity = provenIdentity(await seeHosts(session, cluster, context), wanted)
      await writeNote(session, await noteOf(session, cluster), signal)
      const { state } = await session.bootstrap()
      if (state !== 'done')
        await context.record('the cluster is made and verified', [{ type: 'bootstrap-done', ...identity }])
    },
  }
}
