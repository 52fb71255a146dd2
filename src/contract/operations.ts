import { z } from 'zod'
import { hostList } from '../domain/hostList.ts'
import { hostname } from '../domain/names.ts'

const nodes = z.array(hostname).min(1).max(5000).readonly()

/** How the pods of a node are moved away. */
const eviction = {
  delete_emptydir_data: z
    .boolean()
    .default(false)
    .describe('Also evict pods whose emptyDir volumes are lost with them'),
  delete_unmanaged: z.boolean().default(false).describe('Also evict pods that no controller makes anew'),
  timeout_s: z.int().min(1).max(86_400).default(600).describe('How long the pods of one node may take to be gone, s'),
}

const removal = z.strictObject({ nodes: nodes.describe('One after the other, in this order'), ...eviction }).readonly()
/** Nodes that leave the cluster, and how. */
export type Removal = z.infer<typeof removal>

const apply = z
  .strictObject({
    operation: z.literal('apply'),
    remove: removal
      .nullable()
      .default(null)
      .describe('Nodes that the desired state no longer names, and that are to leave the cluster; null: none may'),
  })
  .readonly()

const scaleRemove = z
  .strictObject({ operation: z.literal('scale-remove'), ...removal.unwrap().shape })
  .readonly()
  .describe('The desired state without these nodes is applied, and they leave the cluster')

const drain = z.strictObject({ operation: z.literal('drain'), ...removal.unwrap().shape }).readonly()
export type DrainRequest = z.infer<typeof drain>

const uncordon = z.strictObject({ operation: z.literal('uncordon'), nodes }).readonly()
export type UncordonRequest = z.infer<typeof uncordon>

/** What is to be done to a cluster. `apply` makes it as it is desired, and is meant where nothing else is said. */
export const operationShape = z.discriminatedUnion('operation', [apply, scaleRemove, drain, uncordon])
export type OperationRequest = z.infer<typeof operationShape>

/** What a request comes down to: to scale is to apply another desired state. */
export type PlannedOperation = Exclude<OperationRequest, { readonly operation: `scale-${string}` }>

export const applyOperation = { operation: 'apply', remove: null } as const satisfies OperationRequest

/** What a plan and its run are called: one line for people, which tells operations apart. */
export function operationTitle(request: PlannedOperation, cluster: string): string {
  switch (request.operation) {
    case 'apply':
      return `Apply ${cluster}`
    case 'drain':
      return `Drain ${hostList(request.nodes)} of ${cluster}`
    case 'uncordon':
      return `Uncordon ${hostList(request.nodes)} of ${cluster}`
  }
}
