import { drainPipeline, uncordonPipeline } from '../clusters/drain/pipelines.ts'
import type { PlannedOperation } from '../contract/operations.ts'
import type { ClusterSpec } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { droppedNodeFindings } from '../domain/rules/droppedNodes.ts'
import { removalFindings } from '../domain/rules/namedNodes.ts'
import type { RecordedCluster } from '../domain/recordedCluster.ts'
import type { Distribution, Operation, OperationContext, Pipeline } from './contract.ts'

/**
 * The stages of an operation on a cluster, with what stands in its way, whatever its distribution. Pure.
 * @throws SlipwayError `usage` for an operation that the distribution does not support, `not-found` for one on nodes of
 * a cluster that was never applied.
 */
export function pipelineOf<Spec extends ClusterSpec>(
  distribution: Distribution<Spec>,
  request: PlannedOperation,
  context: Omit<OperationContext, 'remove'>,
): Pipeline {
  switch (request.operation) {
    case 'apply':
      return ownPipeline(distribution, request.operation, { ...context, remove: request.remove })
    case 'drain':
      return drainPipeline(context.cluster, request, onRecord(context))
    case 'uncordon':
      return uncordonPipeline(context.cluster, request, onRecord(context))
  }
}

function onRecord({ cluster, recorded }: Pick<OperationContext, 'cluster' | 'recorded'>): RecordedCluster {
  if (recorded) return recorded
  throw new SlipwayError('not-found', `there is no cluster ${cluster} on record`)
}

/** What each distribution does in its own way. */
function ownPipeline<Spec extends ClusterSpec>(
  { format, operations }: Distribution<Spec>,
  operation: Operation,
  context: OperationContext,
): Pipeline {
  const make = operations[operation]
  if (!make) throw new SlipwayError('usage', `${operation} is not supported for clusters of ${format.distribution}`)
  const { cluster, recorded, desired, remove } = context
  refuseOtherDistribution(cluster, recorded, format.distribution)
  const { stages, findings } = make({ ...context, desired: format.spec.parse(desired) })
  const dropped = recorded ? droppedNodeFindings(desired, recorded, remove?.nodes) : []
  const leaving = remove ? removalFindings(remove.nodes, desired, recorded) : []
  return { stages, findings: [...findings, ...dropped, ...leaving] }
}

/** A file under the name of a cluster that is of another kind would make a new one out of its machines. */
function refuseOtherDistribution(cluster: string, recorded: RecordedCluster | null, distribution: string): void {
  const known = recorded?.registered?.distribution ?? distribution
  if (known === distribution) return
  throw new SlipwayError(
    'cluster-conflict',
    `${cluster} is on record as a cluster of ${known}, which others have made`,
    {
      remedy: `Give the cluster of the file another name; slipway status ${cluster} shows what is on record.`,
    },
  )
}
