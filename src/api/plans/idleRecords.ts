import type { DomainChange } from '../../domain/changes.ts'
import type { RecordedCluster, RecordedNode } from '../../domain/recordedCluster.ts'
import { leftOutOf } from '../../engine/plan/leaveOut.ts'
import type { Registry } from '../../engine/contract/registry.ts'
import type { Plan } from '../../contract/plan.ts'

/** What is on record of a cluster: its nodes, and how far its installation has come. */
export interface Recorded extends Pick<RecordedCluster, 'installation_stage'> {
  readonly nodes: readonly Pick<RecordedNode, 'hostname' | 'status' | 'behind' | 'installed_version'>[]
}

/**
 * What a plan without changes has seen that is not on record yet: nodes that work again by themselves, nodes that have
 * caught up or stay behind. There is no run that would write it. Pure.
 */
export function idleRecords(plan: Plan, registry: Registry, recorded: Recorded): DomainChange[] {
  if (plan.has_changes || plan.stages.some(({ unmet }) => unmet.some(({ severity }) => severity === 'error'))) return []
  const seen = plan.stages.flatMap((stage): readonly DomainChange[] => {
    if (stage.disabled !== undefined) return []
    const { records } = registry.bind(stageRequest(stage))
    const left = leftOutOf(stage.decision)
    return [
      ...(records?.skipped?.(new Set(left.map(({ host }) => host))) ?? []),
      ...left.flatMap(({ host, reason }) => records?.leftOut?.(host, reason) ?? []),
      ...(records?.runCompleted ?? []),
    ]
  })
  return seen.filter(change => isNews(change, recorded))
}

/** As `bind` takes it: what is not said is not there. */
export const stageRequest = ({ kind, key, title, needs, arguments: given }: Plan['stages'][number]) => ({
  kind,
  key,
  title,
  needs: needs.map(({ stage, until }) => ({ stage, ...(until && { until }) })),
  arguments: given,
})

function isNews(change: DomainChange, { nodes, installation_stage }: Recorded): boolean {
  switch (change.type) {
    case 'installation-stage':
      return installation_stage !== change.stage
    case 'node-works': {
      const node = nodes.find(({ hostname }) => hostname === change.hostname)
      if (!node || node.status === 'draining') return false
      return node.status !== 'active' || node.behind !== null || node.installed_version !== change.installed_version
    }
    case 'node-leaves':
      return change.leaving === 'ended' && nodes.some(({ hostname }) => hostname === change.hostname)
    case 'node-behind':
      return nodes.some(({ hostname, behind }) => hostname === change.hostname && behind === null)
    default:
      return false
  }
}
