import type { Unmet } from '../../engine/contract/stage.ts'
import { concerning, unreachable } from './absent.ts'
import type { StageArguments } from './arguments.ts'
import { effectiveFindings } from './effectiveService.ts'
import { guardFindings } from './guards.ts'
import { prepareKey } from './stages/kinds.ts'
import { reached } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { strangers } from './nodeState.ts'

/** What every stage that sets up members needs: its machines, the release on them, and nothing foreign there. */
export function memberPrerequisites(seen: ObservedCluster, stage: StageArguments): Unmet[] {
  return [
    ...unreachable(seen, stage),
    ...strangers(seen.nodes, seen.installation, stage.cluster.name, seen.bootstrap),
    ...effectiveFindings(seen.nodes, stage.cluster, stage.accepted),
    ...guardFindings(seen, stage),
    ...releaseMissing(seen, stage),
  ].map(concerning(stage.nodes))
}

function releaseMissing({ nodes }: ObservedCluster, stage: StageArguments): Unmet[] {
  return reached(nodes).flatMap(({ node, facts }): Unmet[] =>
    facts.release.version !== null
      ? []
      : [
          {
            name: 'release-missing',
            severity: 'error',
            about: `node ${node.hostname}`,
            message: `rke2 ${stage.cluster.version} is not installed`,
            remedy: 'Plan again: the installation brings it.',
            providedBy: prepareKey(stage.nodes),
          },
        ],
  )
}

/** Nobody joins a cluster that is not formed. */
export function formedFindings({ bootstrap }: ObservedCluster): Unmet[] {
  if (bootstrap.ca_hash !== null) return []
  return [
    {
      name: 'cluster-not-formed',
      severity: 'error',
      about: 'cluster',
      message: 'the first server has not made the cluster yet',
      remedy: 'Plan again: the installation starts it.',
      providedBy: 'rke2/initial-master',
    },
  ]
}
