import { drainPipeline, uncordonPipeline } from '../clusters/drain/pipelines.ts'
import type { PlannedOperation, PlatformRollback } from '../contract/operations.ts'
import type { ClusterSpec } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { platformStages } from '../platform/pipeline.ts'
import { removalPipeline } from '../platform/removal/pipeline.ts'
import { rollbackPipeline } from '../platform/rollback/pipeline.ts'
import { platformOf } from '../platform/spec.ts'
import { droppedNodeFindings } from '../domain/rules/droppedNodes.ts'
import { removalFindings } from '../domain/rules/namedNodes.ts'
import { uninstallBegunFindings } from '../domain/rules/uninstallBegun.ts'
import type { RecordedCluster } from '../domain/recordedCluster.ts'
import type { ClusterFormat } from '../domain/clusterFile/format.ts'
import type { Distribution, Operation, OperationContext, Pipeline, UninstallContext } from './contract.ts'

/**
 * The stages of an operation on a cluster, with what stands in its way, whatever its distribution; none where nothing is to
 * be done. Pure.
 * @throws SlipwayError `usage` for an operation that the distribution does not support, `not-found` for one on nodes of
 * a cluster that was never applied.
 */
export function pipelineOf<Spec extends ClusterSpec>(
  distribution: Distribution<Spec>,
  request: PlannedOperation | null,
  context: Omit<OperationContext, 'remove'>,
): Pipeline {
  if (request === null) return { stages: [], findings: [] }
  switch (request.operation) {
    case 'apply':
      return applyOwn(distribution, { ...context, remove: request.remove })
    case 'uninstall':
      return uninstallOwn(distribution, { ...context, ...request, recorded: onRecord(context) })
    case 'drain':
      return drainPipeline(context.cluster, request, onRecord(context))
    case 'uncordon':
      return uncordonPipeline(context.cluster, request, onRecord(context))
    case 'platform-apply':
      return applyPlatform(context, onRecord(context), request.components)
    case 'platform-rollback':
      return rollBackPlatform(context, onRecord(context), request)
    case 'platform-disable':
      return disablePlatform(context, onRecord(context), request)
  }
}

function onRecord({ cluster, recorded }: Pick<OperationContext, 'cluster' | 'recorded'>): RecordedCluster {
  if (recorded) return recorded
  throw new SlipwayError('not-found', `there is no cluster ${cluster} on record`)
}

function applyOwn<Spec extends ClusterSpec>(
  { format, operations }: Distribution<Spec>,
  context: OperationContext,
): Pipeline {
  const { cluster, recorded, desired, remove } = context
  refuseOtherDistribution(cluster, recorded, format.distribution)
  const { stages, findings, ready } = (operations.apply ?? unsupported(format, 'apply'))({
    ...context,
    desired: format.spec.parse(desired),
  })
  const dropped = recorded ? droppedNodeFindings(desired, recorded, remove?.nodes) : []
  const leaving = remove ? removalFindings(remove, desired, recorded) : []
  const begun = recorded ? uninstallBegunFindings(cluster, recorded) : []
  const platform = ready ? platformStages(cluster, platformOf(desired), ready) : []
  return { stages: [...stages, ...platform], findings: [...findings, ...begun, ...dropped, ...leaving] }
}

/** Over the API alone: whoever has made the cluster, and whatever else its file says of it. */
const applyPlatform = (
  { cluster, desired }: Pick<OperationContext, 'cluster' | 'desired'>,
  recorded: RecordedCluster,
  only: readonly string[],
): Pipeline => ({
  stages: platformStages(cluster, platformOf(desired), [], only),
  findings: uninstallBegunFindings(cluster, recorded),
})

/** Over the API alone, whoever has made the cluster. */
function disablePlatform(
  { cluster, desired }: Pick<OperationContext, 'cluster' | 'desired'>,
  recorded: RecordedCluster,
  request: Parameters<typeof removalPipeline>[1],
): Pipeline {
  const { stages, findings } = removalPipeline(cluster, request, platformOf(desired))
  return { stages, findings: [...findings, ...uninstallBegunFindings(cluster, recorded)] }
}

const rollBackPlatform = (
  { cluster, desired }: Pick<OperationContext, 'cluster' | 'desired'>,
  recorded: RecordedCluster,
  request: PlatformRollback,
): Pipeline => ({
  stages: rollbackPipeline(cluster, request, platformOf(desired)),
  findings: uninstallBegunFindings(cluster, recorded),
})

const uninstallOwn = <Spec extends ClusterSpec>(
  { format, operations }: Distribution<Spec>,
  context: UninstallContext,
): Pipeline =>
  (operations.uninstall ?? unsupported(format, 'uninstall'))({
    ...context,
    desired: format.spec.parse(context.desired),
  })

/** What each distribution does in its own way, it may not do at all. */
function unsupported({ distribution }: Pick<ClusterFormat, 'distribution'>, operation: Operation): never {
  throw new SlipwayError('usage', `${operation} is not supported for clusters of ${distribution}`)
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
