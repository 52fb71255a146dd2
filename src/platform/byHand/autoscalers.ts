import { whereKnown } from '../../kubernetes/apiErrors.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { looseResource, partOf } from '../../kubernetes/looseObject.ts'

const horizontal = looseResource({
  group: 'autoscaling',
  version: 'v2',
  plural: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
})
const keda = looseResource({
  group: 'keda.sh',
  version: 'v1alpha1',
  plural: 'scaledobjects',
  kind: 'ScaledObject',
  namespaced: true,
})

/** Whether somebody else says how many pods it has, who may want none. @param workload a Deployment or StatefulSet. */
export async function isAutoscaled(
  client: Pick<ClusterClient, 'snapshot'>,
  workload: { readonly kind: string; readonly namespace: string | undefined; readonly name: string },
  call: Call,
): Promise<boolean> {
  const { namespace } = workload
  const [own, others] = await Promise.all([
    client.snapshot(horizontal, { namespace }, call),
    whereKnown(client.snapshot(keda, { namespace }, call)),
  ])
  return [...own.items, ...(others?.items ?? [])].some(
    object =>
      partOf(object, 'spec', 'scaleTargetRef', 'name') === workload.name &&
      // KEDA means a Deployment where nothing is said.
      (partOf(object, 'spec', 'scaleTargetRef', 'kind') ?? 'Deployment') === workload.kind,
  )
}
