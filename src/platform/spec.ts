import { z } from 'zod'
import { clusterName, filePath } from '../domain/names.ts'

/** What a cluster file says of the platform on a cluster. */

/** A chart of the user's own, as it is packed by `helm package`. */
const chart = z.strictObject({
  name: clusterName.max(53, 'Helm takes 53 characters').describe('Name of the release; unique in the cluster file'),
  namespace: clusterName.optional().describe('Made where it is not there; default is the name'),
  chart: filePath.describe('Packed chart (.tgz, as helm package writes it), relative to the cluster file'),
  values: z.record(z.string(), z.json()).optional().describe('In place of the chart’s own, as in a values file'),
  after: z.array(clusterName).max(50).optional().describe('Names of charts that have to be ready first'),
  timeout_s: z
    .int()
    .min(10)
    .max(7200)
    .optional()
    .describe('How long it may take until its workloads are ready; default 300'),
})
export type PlatformChart = z.infer<typeof chart>

export const platformSpec = z.strictObject({
  charts: z.array(chart).max(200).optional().describe('Helm charts of your own'),
})
export type PlatformSpec = z.infer<typeof platformSpec>
