import { z } from 'zod'
import { hasLabels, type Labels, type LabObject } from './objects.ts'

/** What is read of a StatefulSet or a Deployment. */
const workloadShape = z.object({
  metadata: z.object({ generation: z.int().default(1) }),
  spec: z.object({ replicas: z.int().default(1) }),
  status: z
    .object({
      observedGeneration: z.int().default(0),
      readyReplicas: z.int().default(0),
      updatedReplicas: z.int().default(0),
    })
    .prefault({}),
})

/** Whether all pods of a workload are ready, and of its newest version. */
export function isWorkloadReady(object: LabObject | undefined): boolean {
  if (!object) return false
  const { metadata, spec, status } = workloadShape.parse(object)
  if (status.observedGeneration < metadata.generation) return false
  return status.readyReplicas === spec.replicas && status.updatedReplicas === spec.replicas
}

export const readyReplicasOf = (object: LabObject): number => workloadShape.parse(object).status.readyReplicas

const podShape = z.object({
  status: z
    .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
    .prefault({}),
})

export const isPodReady = (pod: LabObject): boolean =>
  podShape.parse(pod).status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

export const withLabels = (objects: readonly LabObject[], labels: Labels): LabObject[] =>
  objects.filter(object => hasLabels(object, labels))

/** A condition, which keeps the moment of its last transition while its status is the same. */
export function conditionOf(
  resource: LabObject,
  condition: {
    readonly type: string
    readonly status: 'True' | 'False'
    readonly reason: string
    readonly message: string
  },
): object {
  const { conditions } = conditionsShape.parse(resource.status ?? {})
  const former = conditions.find(({ type }) => type === condition.type)
  const same = former?.status === condition.status
  return {
    ...condition,
    observedGeneration: resource.metadata.generation,
    lastTransitionTime: same ? former.lastTransitionTime : new Date().toISOString().replace(/\.\d+Z/, 'Z'),
  }
}

export const conditionsShape = z.object({
  conditions: z
    .array(
      z.object({
        type: z.string(),
        status: z.string(),
        observedGeneration: z.int().optional(),
        lastTransitionTime: z.string(),
      }),
    )
    .default([]),
})

/** A Service of ports by their names; without a selector somebody else says where it leads. */
export const serviceSpec = (
  ports: Readonly<Record<string, number>>,
  selector: Labels | null,
  headless = false,
): object => ({
  ports: Object.entries(ports).map(([name, port]) => ({ name, port, protocol: 'TCP', targetPort: port })),
  ...(selector && { selector }),
  ...(headless && { clusterIP: 'None' }),
})
