import type { ClusterSession } from '../../../clusters/session.ts'
import { overHosts } from '../../../clusters/transient.ts'
import type { Stage } from '../../../engine/contract/stage.ts'
import { firstServer, type StageArguments } from '../arguments.ts'
import { apiUrl, leadsTo, readAdminKubeconfig } from '../kubeconfig.ts'

/** Keeps the administrator's kubeconfig, sealed: whatever comes next asks the API by it. */
export function kubeconfig({ cluster }: StageArguments, session: ClusterSession): Stage<string | null> {
  return {
    timeout: 60_000,
    retry: overHosts,
    touches: ['api/'],
    hosts: [firstServer(cluster).hostname],
    observe: () => session.secret('kubeconfig'),
    checkPrerequisites: () => [],
    shouldRun: kept =>
      leadsTo(kept, apiUrl(cluster))
        ? { kind: 'skip', reason: 'the kubeconfig is kept' }
        : {
            kind: 'run',
            reason: kept === null ? 'the kubeconfig is not kept yet' : 'the kubeconfig that is kept leads elsewhere',
            changes: [
              {
                effect: kept === null ? 'create' : 'update',
                target: 'cluster/kubeconfig',
                summary: 'keep the kubeconfig',
              },
            ],
          },
    async execute(context) {
      const clear = await readAdminKubeconfig(await session.hosts(), cluster, context.signal)
      const value = session.seal('kubeconfig', clear)
      await context.record('keeps the kubeconfig', [{ type: 'cluster-secret', name: 'kubeconfig', value }])
    },
    async waitForReady() {},
  }
}
