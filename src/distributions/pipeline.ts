import type { ClusterSpec } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { droppedNodeFindings } from '../domain/rules/droppedNodes.ts'
import type { Distribution, Operation, OperationContext, Pipeline } from './contract.ts'

/**
 * The stages of an operation on a cluster, with what stands in its way, whatever its distribution. Pure.
 * @throws SlipwayError `usage` for an operation that the distribution does not support.
 */
export function pipelineOf<Spec extends ClusterSpec>(
  { format, operations }: Distribution<Spec>,
  operation: Operation,
  context: OperationContext,
): Pipeline {
  const make = operations[operation]
  if (!make) throw new SlipwayError('usage', `${operation} is not supported for clusters of ${format.distribution}`)
  const { stages, findings } = make({ ...context, desired: format.spec.parse(context.desired) })
  const dropped = context.recorded ? droppedNodeFindings(context.desired, context.recorded) : []
  return { stages, findings: [...findings, ...dropped] }
}
