import { SlipwayError } from '../../domain/errors.ts'
import type { OperationContext, Pipeline } from '../contract.ts'
import { applyPipeline as applyRegistered } from '../registered/apply.ts'
import { argumentsFor } from './arguments.ts'
import { checkCluster } from './spec/rules.ts'
import type { KubespraySpec } from './spec/spec.ts'
import { stages } from './stages/index.ts'

/**
 * From machines to a cluster that was verified. Of a cluster that others have made with Kubespray only the platform is
 * applied.
 * @throws SlipwayError `usage` for what is not supported, and what `applyRegistered` throws.
 */
export function applyPipeline(context: OperationContext<KubespraySpec>): Pipeline {
  const { cluster, desired, recorded, remove, accepted } = context
  if (!desired.kubespray) return applyRegistered(context)
  if (recorded?.registered)
    throw new SlipwayError('usage', `${cluster} was made by others, and this version does not take it over yet`, {
      remedy:
        'Take spec.kubespray out of the file: the platform is applied without it, and nodes stay with whoever has made them.',
    })
  if (remove)
    throw new SlipwayError(
      'usage',
      `this version takes no node out of a cluster of Kubespray yet: ${remove.nodes.join(', ')}`,
      {
        remedy:
          'Keep the nodes in the file, or give the cluster up as a whole and make it anew on machines that were reset.',
      },
    )
  const given = argumentsFor(cluster, desired, accepted)
  const source = stages.source.request({ title: 'Bring Kubespray to this machine', needs: [], arguments: given })
  const made = stages.cluster.request({
    title: 'Check the machines and run Kubespray’s cluster.yml',
    needs: [{ stage: source.key }],
    arguments: given,
  })
  const kubeconfig = stages.kubeconfig.request({
    title: 'Fetch the kubeconfig',
    needs: [{ stage: made.key }],
    arguments: given,
  })
  const verified = stages.verify.request({
    title: 'Verify the nodes at the API, and the members of etcd',
    needs: [{ stage: kubeconfig.key }],
    arguments: given,
  })
  return {
    stages: [source, made, kubeconfig, verified],
    findings: checkCluster(desired),
    ready: [{ stage: verified.key }],
  }
}
