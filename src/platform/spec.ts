import { z } from 'zod'
import { httpUrl } from '../domain/cluster.ts'
import { clusterName, filePath } from '../domain/names.ts'

/** What a cluster file says of the platform on a cluster. */

/** A chart of the user's own, as it is packed by `helm package`. */
const chart = z.strictObject({
  name: clusterName.max(53, 'Helm takes 53 characters').describe('Name of the release; unique in the cluster file'),
  namespace: clusterName.optional().describe('Made where it is not there; default is the name'),
  chart: filePath.describe(
    'Packed chart (.tgz, as helm package writes it), relative to the cluster file; oci://HOST/PATH; or its name in a repository',
  ),
  repository: httpUrl('Remove USER:PASSWORD@: it would be stored and shown in clear.')
    .optional()
    .describe('Chart repository that has it'),
  version: z
    .string()
    .regex(/^v?\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/, 'one version is needed, written like 1.2.3')
    .max(100)
    .optional()
    .describe('Of a chart that is fetched: just this one'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'a digest is written like sha256:<64 hex digits>')
    .optional()
    .describe('sha256 of the packed chart (sha256sum FILE); another one is refused'),
  values: z.record(z.string(), z.json()).optional().describe('In place of the chart’s own, as in a values file'),
  secret_values: filePath
    .optional()
    .describe('File with more values, over the others; relative to the cluster file, stored sealed, shown nowhere'),
  after: z.array(clusterName).max(50).optional().describe('Names of charts that have to be ready first'),
  timeout_s: z
    .int()
    .min(10)
    .max(7200)
    .optional()
    .describe('How long it may take until its workloads are ready; default 300'),
})
export type PlatformChart = z.infer<typeof chart>

/** Where a chart comes from. */
export type ChartSource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'remote'; readonly chart: string; readonly repository: string | null; readonly version: string }

type Written = Pick<PlatformChart, 'chart' | 'repository' | 'version'>
export const isOci = ({ chart: written }: Pick<Written, 'chart'>): boolean => written.startsWith('oci://')

/** Pure; the rules have found nothing wrong with it. */
export function sourceOf({ chart: written, repository, version = '' }: Written): ChartSource {
  if (isOci({ chart: written })) return { kind: 'remote', chart: written, repository: null, version }
  if (repository !== undefined) return { kind: 'remote', chart: written, repository, version }
  return { kind: 'file', file: written }
}

export const platformSpec = z.strictObject({
  charts: z.array(chart).max(200).optional().describe('Helm charts of your own'),
})
export type PlatformSpec = z.infer<typeof platformSpec>
