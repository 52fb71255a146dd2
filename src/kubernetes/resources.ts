import { z } from 'zod'
import { metadataShape, type Resource } from './resource.ts'

/** What is read of the objects that Slipway deals with, with the words of Kubernetes. */

const core = { group: '', version: 'v1' }
const apps = { group: 'apps', version: 'v1' }

const condition = z
  .object({
    type: z.string(),
    status: z.string(),
    reason: z.string().optional(),
    message: z.string().optional(),
    lastTransitionTime: z.string().nullish(),
  })
  .readonly()
export const conditions = z.array(condition).readonly().optional()

const texts = z.record(z.string(), z.string()).readonly().optional()

const selector = z
  .object({
    matchLabels: texts,
    matchExpressions: z
      .array(
        z
          .object({ key: z.string(), operator: z.string(), values: z.array(z.string()).readonly().nullish() })
          .readonly(),
      )
      .readonly()
      .optional(),
  })
  .readonly()
export type LabelSelector = z.infer<typeof selector>

/** What else stands in it comes along: a list of taints is written as a whole. */
const taint = z.looseObject({ key: z.string(), value: z.string().optional(), effect: z.string() }).readonly()

const nodeShape = z
  .object({
    metadata: metadataShape,
    spec: z
      .object({
        unschedulable: z.boolean().optional(),
        providerID: z.string().optional(),
        taints: z.array(taint).readonly().optional(),
      })
      .readonly(),
    status: z
      .object({
        conditions,
        addresses: z
          .array(z.object({ type: z.string(), address: z.string() }).readonly())
          .readonly()
          .optional(),
        nodeInfo: z.object({ kubeletVersion: z.string() }).readonly().optional(),
      })
      .readonly()
      .optional(),
  })
  .readonly()
export type Node = z.infer<typeof nodeShape>
export const nodes: Resource<Node> = { ...core, plural: 'nodes', kind: 'Node', namespaced: false, shape: nodeShape }

const containerStatuses = z
  .array(
    z
      .object({
        name: z.string(),
        ready: z.boolean().optional(),
        state: z
          .object({
            waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).readonly().optional(),
            terminated: z
              .object({ exitCode: z.int(), reason: z.string().optional(), message: z.string().optional() })
              .readonly()
              .optional(),
          })
          .readonly()
          .optional(),
      })
      .readonly(),
  )
  .readonly()
  .nullish()

const podShape = z
  .object({
    metadata: metadataShape,
    spec: z
      .object({
        nodeName: z.string().optional(),
        terminationGracePeriodSeconds: z.int().optional(),
        volumes: z
          .array(z.object({ name: z.string(), emptyDir: z.unknown().optional() }).readonly())
          .readonly()
          .optional(),
      })
      .readonly(),
    status: z
      .object({
        phase: z.string().optional(),
        conditions,
        initContainerStatuses: containerStatuses,
        containerStatuses,
      })
      .readonly()
      .optional(),
  })
  .readonly()
export type Pod = z.infer<typeof podShape>
export const pods: Resource<Pod> = { ...core, plural: 'pods', kind: 'Pod', namespaced: true, shape: podShape }

const budgetShape = z
  .object({
    metadata: metadataShape,
    spec: z
      .object({
        minAvailable: z.union([z.int(), z.string()]).optional(),
        maxUnavailable: z.union([z.int(), z.string()]).optional(),
        selector: selector.optional(),
      })
      .readonly(),
    status: z
      .object({
        observedGeneration: z.int().optional(),
        disruptionsAllowed: z.int(),
        currentHealthy: z.int(),
        desiredHealthy: z.int(),
        expectedPods: z.int(),
      })
      .readonly()
      .optional(),
  })
  .readonly()
export type PodDisruptionBudget = z.infer<typeof budgetShape>
export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
  shape: budgetShape,
}

const daemonSetShape = z.object({ metadata: metadataShape }).readonly()
export type DaemonSet = z.infer<typeof daemonSetShape>
export const daemonSets: Resource<DaemonSet> = {
  ...apps,
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
  shape: daemonSetShape,
}

const secretShape = z
  .object({ metadata: metadataShape, type: z.string().optional(), data: texts.describe('Values in base64') })
  .readonly()
export type Secret = z.infer<typeof secretShape>
export const secrets: Resource<Secret> = {
  ...core,
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  shape: secretShape,
}

const eventShape = z
  .object({
    metadata: metadataShape,
    type: z.string().optional(),
    reason: z.string().optional(),
    message: z.string().optional(),
    lastTimestamp: z.string().nullish(),
    eventTime: z.string().nullish(),
    involvedObject: z.object({ kind: z.string().optional(), name: z.string().optional() }).readonly(),
  })
  .readonly()
export type Event = z.infer<typeof eventShape>
export const events: Resource<Event> = { ...core, plural: 'events', kind: 'Event', namespaced: true, shape: eventShape }

const namespaceShape = z.object({ metadata: metadataShape }).readonly()
export type Namespace = z.infer<typeof namespaceShape>
export const namespaces: Resource<Namespace> = {
  ...core,
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
  shape: namespaceShape,
}

const configMapShape = z.object({ metadata: metadataShape, data: texts }).readonly()
export type ConfigMap = z.infer<typeof configMapShape>
export const configMaps: Resource<ConfigMap> = {
  ...core,
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
  shape: configMapShape,
}

const storageClassShape = z
  .object({ metadata: metadataShape, provisioner: z.string(), allowVolumeExpansion: z.boolean().optional() })
  .readonly()
export type StorageClass = z.infer<typeof storageClassShape>
export const storageClasses: Resource<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  plural: 'storageclasses',
  kind: 'StorageClass',
  namespaced: false,
  shape: storageClassShape,
}
