import { z } from 'zod'
import { clusterSpec } from '../domain/cluster.ts'
import { installationStages } from '../domain/lifecycle.ts'
import { runShape } from './runs.ts'

const cluster = z.object({
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

const summary = cluster.extend({
  node_counts: z
    .record(z.string(), z.int())
    .readonly()
    .describe('Nodes that are not removed, each once: by status, or as `behind`'),
  last_seen: z
    .string()
    .nullable()
    .describe('End of the last completed run, which has looked at every node but those that are behind'),
  behind: z.array(z.string()).readonly().describe('Nodes that were left out of what was done to the others'),
  last_run: runShape
    .unwrap()
    .pick({ id: true, status: true, executed: true, superseded_by: true, created: true })
    .readonly()
    .nullable(),
})
export const clusterSummaryShape = summary.readonly()
export type ClusterSummary = z.infer<typeof clusterSummaryShape>

export const clusterDetailShape = summary
  .extend({
    spec: clusterSpec.readonly().describe('The desired state, as in the cluster file'),
  })
  .readonly()
export type ClusterDetail = z.infer<typeof clusterDetailShape>
