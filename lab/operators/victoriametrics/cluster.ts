import { z } from 'zod'
import type { CustomKind, Work } from '../kind.ts'
import type { LabObject } from '../objects.ts'
import { applyDeployment, applyNamed, applyService, applyStatefulSet, type Pods } from '../pods.ts'
import { isWorkloadReady } from '../workload.ts'
import { isOperational, staleStatus, statusOf } from './status.ts'

const storage = z
  .object({
    volumeClaimTemplate: z
      .object({
        spec: z.looseObject({ resources: z.object({ requests: z.object({ storage: z.string() }) }) }).optional(),
      })
      .optional(),
  })
  .optional()
const component = z.object({
  replicaCount: z.int().default(1),
  image: z.object({ tag: z.string().optional() }).prefault({}),
  resources: z.unknown().optional(),
  storage,
})
const clusterShape = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    clusterVersion: z.string().default('v1.135.0-cluster'),
    paused: z.boolean().default(false),
    vmstorage: component.optional(),
    vmselect: component.optional(),
    vminsert: component.optional(),
  }),
})

const parts = {
  vmstorage: { workload: 'StatefulSet', claim: 'vmstorage-db', ports: { http: 8482, vminsert: 8400, vmselect: 8401 } },
  vmselect: { workload: 'StatefulSet', claim: 'vmselect-cachedir', ports: { http: 8481 } },
  vminsert: { workload: 'Deployment', claim: '', ports: { http: 8480 } },
} as const
const partNames = ['vmstorage', 'vmselect', 'vminsert'] as const

/** VMClusters, as the operator of VictoriaMetrics makes them. */
export const vmClusters: CustomKind = {
  kind: 'VMCluster',
  plural: 'vmclusters',
  group: 'operator.victoriametrics.com',
  version: 'v1beta1',
  finalizer: 'apps.victoriametrics.com/finalizer',
  begun: (resource, work) => statusOf(resource, 'expanding', work),
  observed(resource, work) {
    const { spec } = clusterShape.parse(resource)
    if (spec.paused) return statusOf(resource, 'paused', work)
    const isWhole = wantedOf(resource).every(({ name, workload }) =>
      isWorkloadReady(work.list(workload).find(({ metadata }) => metadata.name === name)),
    )
    return statusOf(resource, isWhole ? 'operational' : 'expanding', work)
  },
  ready: (resource, work) => statusOf(resource, 'operational', work),
  failed: (resource, reason, work) => statusOf(resource, 'failed', work, reason),
  stale: staleStatus,
  isReady: isOperational,
  async create(resource, work) {
    const { spec } = clusterShape.parse(resource)
    if (spec.paused) return
    await applyNamed(resource, 'ServiceAccount', accountOf(resource), {}, work)
    for (const pods of wantedOf(resource)) {
      if (pods.workload === 'Deployment') await applyDeployment(resource, pods, null, work)
      else await applyStatefulSet(resource, pods, pods.claims, work)
      await applyService(resource, pods, work, pods.workload === 'StatefulSet')
    }
    await removeOthers(resource, work)
  },
}

const accountOf = ({ metadata }: LabObject) => `vmcluster-${metadata.name}`

/** The workloads that a cluster consists of: those of its parts that its spec names. */
function wantedOf(resource: LabObject) {
  const { metadata, spec } = clusterShape.parse(resource)
  return partNames.flatMap(part => {
    const given = spec[part]
    if (!given) return []
    const selector = {
      'app.kubernetes.io/name': part,
      'app.kubernetes.io/instance': metadata.name,
      'app.kubernetes.io/component': 'monitoring',
      'managed-by': 'vm-operator',
    }
    const { workload, claim, ports } = parts[part]
    const claimSpec = given.storage?.volumeClaimTemplate?.spec
    const pods: Pods = {
      name: `${part}-${metadata.name}`,
      selector,
      labels: { ...selector, 'app.kubernetes.io/part-of': 'vmcluster' },
      replicas: given.replicaCount,
      container: part,
      image: `victoriametrics/${part}:${given.image.tag ?? spec.clusterVersion}`,
      ports,
      resources: given.resources,
      serviceAccount: accountOf(resource),
    }
    return [{ ...pods, workload, claims: claimSpec ? { name: claim, spec: claimSpec } : null }]
  })
}

/** A part that the spec names no more goes; its claims stay. */
async function removeOthers(resource: LabObject, work: Work): Promise<void> {
  const wanted = new Set(wantedOf(resource).map(({ name }) => name))
  for (const part of partNames) {
    const name = `${part}-${resource.metadata.name}`
    const { workload } = parts[part]
    if (wanted.has(name) || !work.list(workload).some(({ metadata }) => metadata.name === name)) continue
    await work.remove(workload, name)
    await work.remove('Service', name)
  }
}
