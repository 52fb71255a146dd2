import { z } from 'zod'
import { metaOf, type Work } from './kind.ts'
import type { Labels, LabObject } from './objects.ts'
import { serviceSpec } from './workload.ts'

/** Pods of one kind, of a StatefulSet or a Deployment. */
export interface Pods {
  readonly name: string
  /** Of its selector; `labels` has them, and more. */
  readonly selector: Labels
  readonly labels: Labels
  readonly replicas: number
  readonly container: string
  readonly image: string
  readonly ports: Readonly<Record<string, number>>
  readonly resources?: unknown
  readonly serviceAccount?: string
}

/** The claims of a StatefulSet. */
export interface Claims {
  readonly name: string
  readonly spec: {
    readonly resources: { readonly requests: { readonly storage: string } }
    readonly [key: string]: unknown
  }
}

const podTemplate = (pods: Pods, volumes: object[], mounts: object[]) => ({
  metadata: { labels: pods.labels },
  spec: {
    ...(pods.serviceAccount !== undefined && { serviceAccountName: pods.serviceAccount }),
    containers: [
      {
        name: pods.container,
        image: pods.image,
        ports: Object.entries(pods.ports).map(([name, containerPort]) => ({ name, containerPort })),
        ...(pods.resources !== undefined && { resources: pods.resources }),
        volumeMounts: mounts,
      },
    ],
    volumes,
  },
})

export const applyDeployment = (resource: LabObject, pods: Pods, claimName: string | null, work: Work) =>
  work.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metaOf(resource, pods.name, pods.labels),
    spec: {
      replicas: pods.replicas,
      selector: { matchLabels: pods.selector },
      template: podTemplate(
        pods,
        claimName === null ? [] : [{ name: 'data', persistentVolumeClaim: { claimName } }],
        claimName === null ? [] : [{ name: 'data', mountPath: '/data' }],
      ),
    },
  })

const templatesShape = z.object({
  spec: z.object({
    volumeClaimTemplates: z
      .array(z.object({ metadata: z.object({ name: z.string() }), spec: z.record(z.string(), z.unknown()) }))
      .default([]),
  }),
})

/** The claims outlive it. Those it has already become as large as they are wanted; its own templates never change. */
export async function applyStatefulSet(
  resource: LabObject,
  pods: Pods,
  claims: Claims | null,
  work: Work,
): Promise<void> {
  const found = work.list('StatefulSet').find(({ metadata }) => metadata.name === pods.name)
  const templates = found
    ? templatesShape.parse(found).spec.volumeClaimTemplates.map(({ metadata, spec }) => ({ metadata, spec }))
    : claims && [{ metadata: { name: claims.name }, spec: claims.spec }]
  await work.apply({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metaOf(resource, pods.name, pods.labels),
    spec: {
      replicas: pods.replicas,
      serviceName: pods.name,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: pods.selector },
      template: podTemplate(pods, claims ? [] : [{ name: 'data', emptyDir: {} }], [
        { name: claims?.name ?? 'data', mountPath: '/data' },
      ]),
      ...(templates && { volumeClaimTemplates: templates }),
    },
  })
  if (claims) await growClaims(`${claims.name}-${pods.name}-`, claims.spec.resources.requests.storage, work)
}

const claimShape = z.object({
  spec: z.object({ resources: z.object({ requests: z.object({ storage: z.string() }) }) }),
})

async function growClaims(prefix: string, storage: string, work: Work): Promise<void> {
  for (const claim of work.list('PersistentVolumeClaim')) {
    const { name } = claim.metadata
    if (!name.startsWith(prefix) || claimShape.parse(claim).spec.resources.requests.storage === storage) continue
    await work.merge('PersistentVolumeClaim', name, { spec: { resources: { requests: { storage } } } })
  }
}

export const applyService = (
  resource: LabObject,
  { name, labels, selector, ports }: Pick<Pods, 'name' | 'labels' | 'selector' | 'ports'>,
  work: Work,
  headless = false,
) =>
  work.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metaOf(resource, name, labels),
    spec: serviceSpec(ports, selector, headless),
  })

/** An object that holds no more than its name, as far as anybody looks. */
export const applyNamed = (
  resource: LabObject,
  kind: 'ServiceAccount' | 'ConfigMap',
  name: string,
  labels: Labels,
  work: Work,
) => work.apply({ apiVersion: 'v1', kind, metadata: metaOf(resource, name, labels) })
