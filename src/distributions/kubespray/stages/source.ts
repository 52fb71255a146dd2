import type { ClusterSession } from '../../../clusters/session.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import type { Change, Stage, Unmet } from '../../../engine/contract/stage.ts'
import type { StageArguments } from '../arguments.ts'
import { seeSource, type SeenSource, sourceKey } from '../seeSource.ts'
import { bringSource } from '../source/bring.ts'
import { makeEnvironment } from '../source/environment.ts'
import type { Kubespray } from '../source/judge.ts'

/** Kubespray's playbooks, and the Python that they run in, on the machine that runs Slipway. No node is touched. */
export function source({ cluster }: StageArguments, session: ClusterSession): Stage<SeenSource | null> {
  return {
    timeout: 45 * 60_000,
    touches: [sourceKey],
    // Nothing is run on a cluster that was made: then nobody has to reach where the playbooks are.
    async observe(context) {
      return (await session.bootstrap()).state === 'done' ? null : seeSource(cluster, session, context)
    },
    checkPrerequisites(seen): Unmet[] {
      if (!seen) return []
      const error = seen.error ?? (seen.kubespray ? versionFault(seen.kubespray, cluster.version) : null)
      if (!error) return []
      return [
        {
          name: error.code,
          severity: 'error',
          about: 'spec.kubespray.source',
          message: error.message,
          remedy: error.remedy,
        },
      ]
    },
    shouldRun(seen) {
      if (!seen) return { kind: 'skip', reason: 'the cluster was made, and no playbook is needed' }
      if (seen.error) return { kind: 'skip', reason: seen.error.message }
      const { pinned, kubespray, here, environment } = seen
      const changes: Change[] = [
        ...(here
          ? []
          : [
              {
                effect: 'create',
                target: 'slipway/kubespray',
                summary: `bring Kubespray: ${pinned.told}`,
                detail: pinned.id,
              } as const,
            ]),
        ...(environment
          ? []
          : [
              {
                effect: 'create',
                target: 'slipway/kubespray-environment',
                summary: 'make a Python environment for its requirements',
              } as const,
            ]),
      ]
      if (changes.length === 0)
        return {
          kind: 'skip',
          reason: `Kubespray ${kubespray?.version ?? ''} is here: ${pinned.told}`,
          facts: pinned.id,
        }
      return { kind: 'run', reason: 'Kubespray is not ready on this machine', changes }
    },
    async execute(context, seen) {
      if (!seen) return
      if (seen.error) throw seen.error
      const doing = { signal: context.signal, marker: context.environment, log: (text: string) => context.log(text) }
      await context.progress(`brings Kubespray: ${seen.pinned.told}`)
      const brought = await bringSource(cluster.kubespray.source, seen.pinned, doing)
      const fault = versionFault(brought, cluster.version)
      if (fault) throw fault
      await context.progress(`makes a Python environment for Kubespray ${brought.version}`)
      await makeEnvironment(brought.requirements, doing)
    },
    async waitForReady() {},
  }
}

function versionFault({ version, kubernetes }: Kubespray, wanted: string): SlipwayError | null {
  if (kubernetes === null || kubernetes.includes(wanted)) return null
  const known = kubernetes.slice(0, 8).join(', ')
  return new SlipwayError('playbooks-unusable', `Kubespray ${version} has no checksums for Kubernetes ${wanted}`, {
    remedy: `Write one of the versions that it knows (${known}${kubernetes.length > 8 ? ' …' : ''}) as spec.version, or name another release of Kubespray.`,
  })
}
