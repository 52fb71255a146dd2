import { z } from 'zod'
import type { ClusterSpec } from '../domain/cluster.ts'
import { clusterName, filePath } from '../domain/names.ts'
import { objectLabelFault } from '../domain/values/labels.ts'
import { componentsShape } from './componentSettings.ts'
import { sourceFields } from './chartSource.ts'
import { storageClassName } from './storage/storageClass.ts'
import { registryAddress } from './images.ts'

/** What a cluster file says of the platform on a cluster. */

/** A chart of the user's own, as it is packed by `helm package`. */
const chart = z.strictObject({
  name: clusterName.max(53, 'Helm takes 53 characters').describe('Name of the release; unique in the cluster file'),
  namespace: clusterName.optional().describe('Made where it is not there; default is the name'),
  ...sourceFields,
  values: z.record(z.string(), z.json()).optional().describe('In place of the chart’s own, as in a values file'),
  secret_values: filePath
    .optional()
    .describe('File with more values, over the others; relative to the cluster file, stored sealed, shown nowhere'),
  after: z
    .array(clusterName)
    .max(50)
    .optional()
    .describe('Charts and components that have to be ready first; default: all components of this file'),
  timeout_s: z
    .int()
    .min(10)
    .max(7200)
    .optional()
    .describe('How long it may take until its workloads are ready; default 300'),
})
export type PlatformChart = z.infer<typeof chart>

/** Wrong ones would be told by the API alone, once there is a cluster. */
const labels = z.record(z.string(), z.string()).superRefine((given, context) => {
  for (const [key, value] of Object.entries(given)) {
    const fault = objectLabelFault(key, value)
    if (fault === null) continue
    const params = { remedy: fault.remedy, found: `${key}=${value}` }
    context.addIssue({ code: 'custom', message: fault.message, path: [key], params })
  }
})

export const platformSpec = z.strictObject({
  storage_class: storageClassName
    .nullable()
    .optional()
    .describe('For all that keeps data; default is the default one of the cluster'),
  image_registry: registryAddress
    .optional()
    .describe('Registry that has the images of all components in place of their own'),
  image_pull_secret: filePath
    .optional()
    .describe(
      'Logins of image registries, as docker login writes them (config.json); put into each namespace of the platform. Relative to the cluster file, stored sealed',
    ),
  namespaces: z
    .record(clusterName, z.strictObject({ labels: labels.optional() }))
    .optional()
    .describe('Labels of namespaces, by their names; made where they are not there'),
  order: z
    .enum(['parallel', 'sequential'])
    .optional()
    .describe(
      'parallel: each as soon as what it needs is ready. sequential: one after the other, as docs/components lists them; default parallel',
    ),
  components: componentsShape.optional().describe('Components that Slipway knows, each with what is set of it'),
  charts: z.array(chart).max(200).optional().describe('Helm charts of your own'),
})
export type PlatformSpec = z.infer<typeof platformSpec>

/** The platform of a desired state that was read already; undefined: it says nothing of one. Pure. */
export const platformOf = ({ platform }: Pick<ClusterSpec, 'platform'>): PlatformSpec | undefined =>
  platformSpec.optional().parse(platform)
