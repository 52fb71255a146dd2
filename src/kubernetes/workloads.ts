import { z } from 'zod'
import { type ApiObject, metadataShape, type Resource } from './resource.ts'
import { conditions } from './resources.ts'

/** What runs pods, with what of it tells how far that is. */

const count = z.int().optional()

const container = z
  .object({
    name: z.string(),
    image: z.string().optional(),
    args: z.array(z.string()).readonly().nullish(),
    env: z
      .array(
        z
          .object({
            name: z.string(),
            value: z.string().optional(),
            valueFrom: z
              .object({ fieldRef: z.object({ fieldPath: z.string() }).readonly().optional() })
              .readonly()
              .optional(),
          })
          .readonly(),
      )
      .readonly()
      .nullish(),
  })
  .readonly()

const workload = z
  .object({
    metadata: metadataShape,
    spec: z
      .object({
        replicas: count,
        paused: z.boolean().optional(),
        suspend: z.boolean().optional(),
        completions: count,
        selector: z
          .object({ matchLabels: z.record(z.string(), z.string()).readonly().optional() })
          .readonly()
          .optional(),
        template: z
          .object({
            spec: z
              .object({ containers: z.array(container).readonly().optional() })
              .readonly()
              .optional(),
          })
          .readonly()
          .optional(),
        updateStrategy: z
          .object({
            type: z.string().optional(),
            rollingUpdate: z.object({ partition: count }).readonly().nullish(),
          })
          .readonly()
          .optional(),
      })
      .readonly(),
    status: z
      .object({
        observedGeneration: count,
        replicas: count,
        updatedReplicas: count,
        readyReplicas: count,
        availableReplicas: count,
        currentRevision: z.string().optional(),
        updateRevision: z.string().optional(),
        desiredNumberScheduled: count,
        updatedNumberScheduled: count,
        numberAvailable: count,
        succeeded: count,
        conditions: conditions.nullish(),
      })
      .readonly()
      .optional(),
  })
  .readonly()
export type Workload = z.infer<typeof workload> & ApiObject

const apps = { group: 'apps', version: 'v1', namespaced: true, shape: workload } as const

/** By the `kind` of objects. */
export const workloads = {
  Deployment: { ...apps, plural: 'deployments', kind: 'Deployment' },
  StatefulSet: { ...apps, plural: 'statefulsets', kind: 'StatefulSet' },
  DaemonSet: { ...apps, plural: 'daemonsets', kind: 'DaemonSet' },
  Job: { ...apps, group: 'batch', plural: 'jobs', kind: 'Job' },
} as const satisfies Readonly<Record<string, Resource<Workload>>>
export type WorkloadKind = keyof typeof workloads

/**
 * What a workload lacks until it is as its spec says, in words; null when nothing does. A status that is older than the
 * spec says nothing. Pure.
 */
export function workloadMissing(kind: WorkloadKind, object: Workload | null): string | null {
  // One that has ended may have been cleaned up since.
  if (!object) return kind === 'Job' ? null : 'it is not there'
  const { metadata, status = {} } = object
  const failed = workloadFailed(object)
  if (failed !== null) return `it has failed: ${failed}`
  // Jobs have none.
  if (kind !== 'Job' && (status.observedGeneration ?? 0) < (metadata.generation ?? 1))
    return 'its controller has not seen it yet'
  return missing[kind](object, status)
}

/** Why a Job will never be complete; null: it may be, or is no Job. Pure. */
export function workloadFailed(object: Workload | null): string | null {
  const failed = object?.status?.conditions?.find(({ type, status }) => status === 'True' && type === 'Failed')
  return failed ? (failed.message ?? failed.reason ?? 'no reason is given') : null
}

type Status = NonNullable<Workload['status']>

const missing: Readonly<Record<WorkloadKind, (object: Workload, status: Status) => string | null>> = {
  Deployment({ spec }, { updatedReplicas = 0, replicas = 0, availableReplicas = 0, conditions }) {
    // Whoever has paused it decides when it goes on.
    if (spec.paused) return null
    const wanted = spec.replicas ?? 1
    const late = conditions?.find(({ reason }) => reason === 'ProgressDeadlineExceeded')
    if (updatedReplicas < wanted) return `${updatedReplicas} of ${wanted} pods are of the new version${because(late)}`
    if (replicas > updatedReplicas) return `${replicas - updatedReplicas} pods of the old version are left`
    return availableReplicas < wanted ? `${availableReplicas} of ${wanted} pods are available${because(late)}` : null
  },
  StatefulSet({ spec }, { readyReplicas = 0, updatedReplicas = 0, currentRevision, updateRevision }) {
    const wanted = spec.replicas ?? 1
    if (readyReplicas < wanted) return `${readyReplicas} of ${wanted} pods are ready`
    // With OnDelete they stay as they are until somebody deletes them.
    const { type, rollingUpdate } = spec.updateStrategy ?? {}
    // Those below the partition keep their version.
    const moving = wanted - (rollingUpdate?.partition ?? 0)
    if (type === 'OnDelete' || currentRevision === updateRevision || updatedReplicas >= moving) return null
    return `${updatedReplicas} of ${moving} pods are of the new version`
  },
  DaemonSet({ spec }, { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 }) {
    if (spec.updateStrategy?.type !== 'OnDelete' && updatedNumberScheduled < desiredNumberScheduled)
      return `${updatedNumberScheduled} of ${desiredNumberScheduled} pods are of the new version`
    return numberAvailable < desiredNumberScheduled
      ? `${numberAvailable} of ${desiredNumberScheduled} pods are available`
      : null
  },
  Job({ spec }, { conditions, succeeded = 0 }) {
    if (spec.suspend || conditions?.some(({ type, status }) => type === 'Complete' && status === 'True')) return null
    return `${succeeded} of ${spec.completions ?? 1} pods have completed`
  },
}

const because = (condition: { readonly message?: string | undefined } | undefined): string =>
  condition?.message ? ` (${condition.message})` : ''
