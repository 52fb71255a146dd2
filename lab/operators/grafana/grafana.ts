import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type CustomKind, metaOf, type Work } from '../kind.ts'
import type { LabObject } from '../objects.ts'
import { applyDeployment, applyNamed, applyService, type Pods } from '../pods.ts'
import { secretData, secretTexts } from '../secret.ts'
import { conditionOf, conditionsShape, isWorkloadReady } from '../workload.ts'

/** Where nothing is said. */
const defaultVersion = '13.1.3'

const grafanaShape = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    version: z.string().default(''),
    suspend: z.boolean().default(false),
    disableDefaultAdminSecret: z.boolean().default(false),
    config: z.object({ security: z.record(z.string(), z.string()).prefault({}) }).prefault({}),
    deployment: z.object({ spec: z.object({ replicas: z.int().default(1) }).prefault({}) }).prefault({}),
    persistentVolumeClaim: z.object({ spec: z.record(z.string(), z.unknown()) }).optional(),
    external: z.object({ url: z.string() }).optional(),
  }),
})

/** Grafanas, as their operator makes them. */
export const grafanas: CustomKind = {
  kind: 'Grafana',
  plural: 'grafanas',
  group: 'grafana.integreatly.org',
  version: 'v1beta1',
  finalizer: 'operator.grafana.com/finalizer',
  begun: () => ({ stage: 'config', stageStatus: 'in progress' }),
  observed(resource, work) {
    const { spec } = grafanaShape.parse(resource)
    if (spec.suspend) {
      const suspended = { type: 'Suspended', status: 'True', reason: 'ReconcileSuspended', message: '' } as const
      return { ...resource.status, conditions: [conditionOf(resource, suspended)] }
    }
    const deployment = work.list('Deployment').find(({ metadata }) => metadata.name === podsOf(resource).name)
    if (spec.external || isWorkloadReady(deployment)) return wellStatus(resource)
    return {
      stage: 'complete',
      stageStatus: 'failed',
      lastMessage: 'failed to authenticate with instance: connection refused',
    }
  },
  ready: wellStatus,
  failed: (_resource, lastMessage) => ({ stage: 'deployment', stageStatus: 'failed', lastMessage }),
  stale(status, generation) {
    const conditions = conditionsShape.parse(status).conditions
    return { ...status, conditions: conditions.map(one => ({ ...one, observedGeneration: generation - 1 })) }
  },
  isReady({ metadata, status = {} }) {
    const ready = conditionsShape.parse(status).conditions.find(({ type }) => type === 'GrafanaReady')
    return ready?.status === 'True' && ready.observedGeneration === metadata.generation
  },
  async create(resource, work) {
    const { metadata, spec } = grafanaShape.parse(resource)
    if (spec.suspend || spec.external) return
    // From then on the resource has another generation.
    if (spec.version === '') return work.amend({ version: defaultVersion })
    const pods = podsOf(resource)
    await applyNamed(resource, 'ConfigMap', `${metadata.name}-ini`, managed, work)
    await applyNamed(resource, 'ServiceAccount', `${metadata.name}-sa`, managed, work)
    if (!spec.disableDefaultAdminSecret) await createAdmin(resource, work)
    const claim = spec.persistentVolumeClaim && `${metadata.name}-pvc`
    if (claim !== undefined)
      await work.apply({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: metaOf(resource, claim, managed),
        spec: spec.persistentVolumeClaim?.spec,
      })
    await applyService(resource, { ...pods, name: `${metadata.name}-service`, labels: managed }, work)
    await applyDeployment(resource, pods, claim ?? null, work)
  },
}

const managed = { 'app.kubernetes.io/managed-by': 'grafana-operator' }

function wellStatus(resource: LabObject): object {
  const { metadata, spec } = grafanaShape.parse(resource)
  const well = { type: 'GrafanaReady', status: 'True', reason: 'GrafanaReady', message: 'Grafana reconcile completed' }
  return {
    stage: 'complete',
    stageStatus: 'success',
    version: spec.version,
    adminUrl: spec.external?.url ?? `http://${metadata.name}-service.${resource.metadata.namespace}:3000`,
    conditions: [conditionOf(resource, { ...well, status: 'True' })],
  }
}

function podsOf(resource: LabObject): Pods {
  const { metadata, spec } = grafanaShape.parse(resource)
  const selector = { app: metadata.name }
  return {
    name: `${metadata.name}-deployment`,
    selector,
    labels: { ...selector, ...managed },
    replicas: spec.deployment.spec.replicas,
    container: 'grafana',
    image: `docker.io/grafana/grafana:${spec.version}`,
    ports: { grafana: 3000 },
    serviceAccount: `${metadata.name}-sa`,
  }
}

/** The login of the administrator, which keeps the password that it has. */
async function createAdmin(resource: LabObject, work: Work): Promise<void> {
  const { metadata, spec } = grafanaShape.parse(resource)
  const name = `${metadata.name}-admin-credentials`
  const former = secretTexts(await work.get('Secret', name))
  const { admin_user: user, admin_password: password } = spec.config.security
  await work.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metaOf(resource, name, managed),
    data: secretData({
      GF_SECURITY_ADMIN_USER: user ?? former['GF_SECURITY_ADMIN_USER'] ?? 'admin',
      GF_SECURITY_ADMIN_PASSWORD:
        password ?? former['GF_SECURITY_ADMIN_PASSWORD'] ?? randomBytes(12).toString('base64url'),
    }),
  })
}
