import { z } from 'zod'
import { type CustomKind, metaOf } from '../kind.ts'
import type { LabObject } from '../objects.ts'
import { applyDeployment, applyNamed, applyService, type Pods } from '../pods.ts'
import { isWorkloadReady } from '../workload.ts'
import { isOperational, staleStatus, statusOf } from './status.ts'

const singleShape = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicaCount: z.int().default(1),
    paused: z.boolean().default(false),
    image: z.object({ tag: z.string().default('v1.135.0') }).prefault({}),
    resources: z.unknown().optional(),
    storage: z.record(z.string(), z.unknown()).optional(),
  }),
})

/** VMSingles, as the operator of VictoriaMetrics makes them. */
export const vmSingles: CustomKind = {
  kind: 'VMSingle',
  plural: 'vmsingles',
  group: 'operator.victoriametrics.com',
  version: 'v1beta1',
  finalizer: 'apps.victoriametrics.com/finalizer',
  begun: (resource, work) => statusOf(resource, 'expanding', work),
  observed(resource, work) {
    if (singleShape.parse(resource).spec.paused) return statusOf(resource, 'paused', work)
    const deployment = work.list('Deployment').find(({ metadata }) => metadata.name === podsOf(resource).name)
    return statusOf(resource, isWorkloadReady(deployment) ? 'operational' : 'expanding', work)
  },
  ready: (resource, work) => statusOf(resource, 'operational', work),
  failed: (resource, reason, work) => statusOf(resource, 'failed', work, reason),
  stale: staleStatus,
  isReady: isOperational,
  async create(resource, work) {
    const { spec } = singleShape.parse(resource)
    if (spec.paused) return
    const pods = podsOf(resource)
    await applyNamed(resource, 'ServiceAccount', pods.name, pods.labels, work)
    if (spec.storage) {
      const metadata = metaOf(resource, pods.name, pods.labels)
      // It is nobody's: the data outlives the resource.
      await work.apply({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: spec.storage }, false)
    }
    await applyDeployment(resource, pods, spec.storage ? pods.name : null, work)
    await applyService(resource, pods, work)
  },
}

function podsOf(resource: LabObject): Pods {
  const { metadata, spec } = singleShape.parse(resource)
  const labels = {
    'app.kubernetes.io/name': 'vmsingle',
    'app.kubernetes.io/instance': metadata.name,
    'app.kubernetes.io/component': 'monitoring',
    'managed-by': 'vm-operator',
  }
  const name = `vmsingle-${metadata.name}`
  return {
    name,
    selector: labels,
    labels,
    replicas: spec.replicaCount,
    container: 'vmsingle',
    image: `victoriametrics/victoria-metrics:${spec.image.tag}`,
    ports: { http: 8428 },
    resources: spec.resources,
    serviceAccount: name,
  }
}
