import { SlipwayError } from '../../domain/errors.ts'
import type { OperationContext, Pipeline } from '../contract.ts'
import { applyPipeline as applyRegistered } from '../registered/apply.ts'
import type { KubespraySpec } from './spec/spec.ts'

/**
 * What turns machines into the cluster that the file asks for. Of a cluster that others have made with Kubespray only the
 * platform is applied.
 * @throws SlipwayError `usage` for what is not supported, and what `applyRegistered` throws.
 */
export function applyPipeline(context: OperationContext<KubespraySpec>): Pipeline {
  if (!context.desired.kubespray) return applyRegistered(context)
  throw new SlipwayError('usage', 'this version installs no cluster with Kubespray yet', {
    remedy: 'Run its playbooks yourself, and put the cluster on record: slipway discover NAME --kubeconfig FILE.',
  })
}
