import type { Change, Stage } from '../../../engine/contract/stage.ts'
import { only, type StageArguments } from '../arguments.ts'
import { tellDoing } from '../doing.ts'
import { bootstrapFindings } from '../guards.ts'
import { proveFirst, proveMember } from '../identity.ts'
import { apiUrl, keepKubeconfig, leadsTo } from '../kubeconfig.ts'
import { newMemberFindings } from '../newMember.ts'
import { reached } from '../observedHost.ts'
import type { ObservedCluster } from '../observeCluster.ts'
import { play } from '../play.ts'
import { serverReady } from '../ready.ts'
import { reasonOf } from '../reasons.ts'
import type { Rke2Session } from '../session.ts'
import { wantedFirst } from '../wanted.ts'
import { type ObservedServer, serverDoing, serverRules } from './server.ts'

const playbook = 'install_initial_master.yml'

/**
 * The one server that makes the cluster. Its right to do so is claimed on record before the host is touched, and is
 * used up once the cluster's CA is known.
 */
export function initialMaster(stage: StageArguments, session: Rke2Session): Stage<ObservedServer> {
  const node = only(stage)
  const { changesOf, writing, ...rules } = serverRules(stage, session, {
    reaches: 'initial_master',
    playbook,
    wanted: wantedFirst,
    findings: seen => [...bootstrapFindings(seen, stage.cluster.name), ...newMemberFindings(seen, stage)],
  })
  return {
    ...rules,
    shouldRun(observed) {
      const { seen } = observed
      const changes = changesOf(observed)
      const made = seen.bootstrap.state === 'done'
      const identity = identityChanges(seen)
      // Without a record of the CA nobody could prove to join the right cluster, so an unrecorded one is read again.
      if (changes.length + identity.length === 0 && made)
        return { kind: 'skip', reason: `${node.hostname} is a working server` }
      const claim: Change[] = made
        ? []
        : [{ effect: 'create', target: 'cluster/bootstrap', summary: 'make the cluster' }]
      const reason = made ? reasonOf(changes) || 'who the cluster is, is not on record' : 'there is no cluster yet'
      return { kind: 'run', reason, changes: [...claim, ...identity, ...changes] }
    },
    async execute(context, observed) {
      const { seen, wanted } = observed
      const changes = changesOf(observed)
      if (seen.unrecorded !== null)
        await context.record('puts on record which etcd is the cluster’s', [
          { type: 'etcd-cluster', id: seen.unrecorded },
        ])
      if (seen.unrecorded_ca !== null)
        await context.record('puts on record which CA is the cluster’s', [
          { type: 'cluster-authority', ca_hash: seen.unrecorded_ca },
        ])
      const [host] = reached(seen.nodes)
      const makes = seen.bootstrap.state !== 'done'
      if (makes)
        await context.record('claims the right to make the cluster', [
          { type: 'bootstrap-claim', machine_id: host?.facts.machine_id ?? '' },
        ])
      else if (changes.length > 0) await context.progress(tellDoing(serverDoing(node.hostname, changes, seen)))
      await play(
        session,
        {
          playbook,
          arguments: stage,
          nodes: [node],
          files: new Map([[node.hostname, wanted.write]]),
          hostVariables: () => writing(observed),
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
      const { state, ca_hash } = await session.bootstrap()
      if (state === 'done') await proveMember(session, stage, node, context)
      else {
        const proven = await proveFirst(session, stage, node, context)
        await context.record('the cluster is made', [{ type: 'bootstrap-done', ...proven }])
      }
      // From here on there is a cluster to look at, at this endpoint and under this CA, whatever becomes of the others.
      if (!leadsTo(await session.secret('kubeconfig'), apiUrl(stage, node), ca_hash))
        await keepKubeconfig(session, stage, node, context)
    },
  }
}

/**
 * Which etcd and which CA are the cluster's: on record since it was made, unless that was before this was kept, or the
 * cluster was restored, or its CA rotated.
 */
const identityChanges = ({ unrecorded, unrecorded_ca }: ObservedCluster): Change[] => [
  ...recording('cluster/identity', 'put on record which etcd is the cluster’s', unrecorded),
  ...recording('cluster/authority', 'put on record which CA is the cluster’s', unrecorded_ca),
]

const recording = (target: string, summary: string, detail: string | null): Change[] =>
  detail === null ? [] : [{ effect: 'update', target, summary, detail }]
