import { z } from 'zod'
import { type CustomKind, metaOf, type Work } from '../kind.ts'
import type { LabObject } from '../objects.ts'
import { applyDeployment, applyService, applyStatefulSet, type Claims, type Pods } from '../pods.ts'
import { secretData } from '../secret.ts'
import { isWorkloadReady, readyReplicasOf } from '../workload.ts'

const group = 'opensearch.opster.io'

const pool = z.object({
  component: z.string(),
  replicas: z.int(),
  diskSize: z.string().default('30Gi'),
  resources: z.unknown().optional(),
  persistence: z
    .object({
      pvc: z.object({ storageClass: z.string().optional(), accessModes: z.array(z.string()).default([]) }).optional(),
    })
    .optional(),
})
const clusterShape = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    general: z.object({
      serviceName: z.string(),
      version: z.string().default('2.19.1'),
      httpPort: z.int().default(9200),
      image: z.string().optional(),
    }),
    nodePools: z.array(pool),
    dashboards: z
      .object({ enable: z.boolean().default(false), version: z.string().optional(), replicas: z.int().default(1) })
      .prefault({}),
    security: z
      .object({
        config: z.object({ adminCredentialsSecret: z.object({ name: z.string() }).optional() }).prefault({}),
      })
      .prefault({}),
  }),
})

const statusShape = z.object({
  phase: z.string().optional(),
  health: z.string().optional(),
  availableNodes: z.int().default(0),
  version: z.string().optional(),
})

/** OpenSearchClusters, as operators of version 2 make them. Their status names no generation. */
export const openSearchClusters: CustomKind = {
  kind: 'OpenSearchCluster',
  plural: 'opensearchclusters',
  group,
  version: 'v1',
  finalizer: 'Opster',
  // It is RUNNING before there is anything.
  begun: (resource, work) => (resource.status ? observed(resource, work) : { phase: 'RUNNING', componentsStatus: [] }),
  observed,
  ready(resource) {
    const { spec } = clusterShape.parse(resource)
    return wellStatus(spec.general.version, nodesOf(resource))
  },
  failed: (resource, description) => ({
    ...resource.status,
    phase: 'RUNNING',
    health: 'red',
    componentsStatus: [{ component: 'Reconciler', status: 'Failed', description }],
  }),
  isReady(resource) {
    const { phase, health, availableNodes, version } = statusShape.parse(resource.status ?? {})
    const { spec } = clusterShape.parse(resource)
    const isWell = health === 'green' || health === 'yellow'
    return phase === 'RUNNING' && isWell && availableNodes === nodesOf(resource) && version === spec.general.version
  },
  async create(resource, work) {
    const { metadata, spec } = clusterShape.parse(resource)
    const { general, nodePools, dashboards, security } = spec
    const ports = { http: general.httpPort, transport: 9300 }
    const labels = labelsOf(resource)
    await applyService(resource, { name: general.serviceName, labels, selector: labels, ports }, work)
    const discovery = { name: `${metadata.name}-discovery`, labels, selector: labels, ports: { transport: 9300 } }
    await applyService(resource, discovery, work, true)
    for (const given of nodePools) {
      const pods = podsOf(resource, given)
      await applyService(resource, { ...pods, name: `${general.serviceName}-${given.component}` }, work, true)
      await applyStatefulSet(resource, pods, claimsOf(given), work)
    }
    if (!security.config.adminCredentialsSecret)
      await work.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: metaOf(resource, `${metadata.name}-admin-password`, labels),
        data: secretData({ username: 'admin', password: 'admin' }),
      })
    if (dashboards.enable) await applyDeployment(resource, dashboardsOf(resource), null, work)
  },
}

const nodesOf = (resource: LabObject): number =>
  clusterShape.parse(resource).spec.nodePools.reduce((sum, { replicas }) => sum + replicas, 0)

/** One node alone has nowhere to put copies. */
const wellStatus = (version: string, nodes: number) => ({
  phase: 'RUNNING',
  health: nodes > 1 ? 'green' : 'yellow',
  availableNodes: nodes,
  version,
  initialized: true,
  componentsStatus: [],
})

function observed(resource: LabObject, work: Work): object {
  const { spec } = clusterShape.parse(resource)
  const former = statusShape.parse(resource.status ?? {})
  const sets = spec.nodePools.map(given =>
    work.list('StatefulSet').find(({ metadata }) => metadata.name === podsOf(resource, given).name),
  )
  const available = sets.reduce((sum, set) => sum + (set ? readyReplicasOf(set) : 0), 0)
  if (sets.every(isWorkloadReady)) return wellStatus(spec.general.version, available)
  const version = former.version ?? spec.general.version
  const isOther = version !== spec.general.version
  return {
    phase: isOther ? 'UPGRADING' : 'RUNNING',
    health: available === 0 ? 'unknown' : 'yellow',
    ...(available > 0 && { availableNodes: available }),
    version,
    initialized: former.availableNodes > 0,
    componentsStatus: isOther ? [{ component: 'Upgrader', status: 'Upgrading', description: '' }] : [],
  }
}

const labelsOf = ({ metadata }: LabObject) => ({ 'opster.io/opensearch-cluster': metadata.name })

function podsOf(resource: LabObject, { component, replicas, resources }: z.infer<typeof pool>): Pods {
  const { metadata, spec } = clusterShape.parse(resource)
  const { version, image = `docker.io/opensearchproject/opensearch:${version}`, httpPort } = spec.general
  const labels = { ...labelsOf(resource), 'opster.io/opensearch-nodepool': component }
  return {
    name: `${metadata.name}-${component}`,
    selector: labels,
    labels,
    replicas,
    container: 'opensearch',
    image,
    ports: { http: httpPort, transport: 9300 },
    resources,
  }
}

/** Access modes are taken as they are given: a claim without one is refused by the API. */
function claimsOf({ persistence, diskSize }: z.infer<typeof pool>): Claims | null {
  if (persistence && !persistence.pvc) return null
  const { storageClass, accessModes } = persistence?.pvc ?? { storageClass: undefined, accessModes: ['ReadWriteOnce'] }
  return {
    name: 'data',
    spec: {
      accessModes,
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage: diskSize } },
    },
  }
}

function dashboardsOf(resource: LabObject): Pods {
  const { metadata, spec } = clusterShape.parse(resource)
  const labels = { 'opensearch.cluster.dashboards': metadata.name }
  return {
    name: `${metadata.name}-dashboards`,
    selector: labels,
    labels,
    replicas: spec.dashboards.replicas,
    container: 'dashboards',
    image: `docker.io/opensearchproject/opensearch-dashboards:${spec.dashboards.version ?? spec.general.version}`,
    ports: { http: 5601 },
  }
}
