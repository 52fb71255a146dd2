import { z } from 'zod'
import { clusterSpec } from '../domain/cluster.ts'
import { installationStages } from '../domain/lifecycle.ts'

export const clusterShape = z.object({
  name: z.string(),
  type: z.enum(['managed', 'registered']),
  distribution: z.string(),
  version: z.string(),
  installation_stage: z.enum(installationStages).nullable(),
  api_endpoint: z.string().nullable(),
  desired_version: z.int(),
  bootstrap: z.enum(['unused', 'claimed', 'done']).describe('The right to make this cluster, used once'),
  created: z.string(),
  updated: z.string(),
})

export const clusterSummaryShape = clusterShape.extend({
  node_counts: z
    .record(z.string(), z.int())
    .describe('Nodes that are not removed, each once: by status, or as `behind`'),
  last_seen: z
    .string()
    .nullable()
    .describe('End of the last completed run, which has looked at every node but those that are behind'),
  behind: z.array(z.string()).describe('Nodes that were left out of what was done to the others'),
  last_run: z
    .object({
      id: z.string(),
      status: z.string(),
      executed: z.boolean().nullable(),
      superseded_by: z.string().nullable(),
      created: z.string(),
    })
    .nullable(),
})
export type ClusterSummary = z.infer<typeof clusterSummaryShape>

export const clusterDetailShape = clusterSummaryShape.extend({
  spec: clusterSpec.describe('The desired state, as in the cluster file'),
})
export type ClusterDetail = z.infer<typeof clusterDetailShape>
