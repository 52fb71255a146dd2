import { resolve } from 'node:path'
import { z } from 'zod'
import type { Json } from '../contract/json.ts'
import { httpUrl } from '../domain/cluster.ts'
import { filePath } from '../domain/names.ts'

/** Where a chart comes from, as a cluster file says it. */

/** What says it; `chart` alone is no field of its own everywhere. */
export const sourceFields = {
  chart: filePath.describe(
    'Packed chart (.tgz, as helm package writes it) or folder of a chart, relative to the cluster file; oci://HOST/PATH; or its name in a repository',
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
}

/** A chart as it is named, with what it has to be. */
export interface NamedChart {
  readonly chart: string
  readonly repository?: string | undefined
  readonly version?: string | undefined
  readonly digest?: string | undefined
  /** Absolute path on the machine that runs Slipway, for a file that is there; otherwise it has come with the cluster file. */
  readonly directory?: string | undefined
}

/** A chart as it is named, with the values that are set of it. */
export interface ChartWish extends NamedChart {
  readonly values?: Readonly<Record<string, Json>> | undefined
  /** File with more of them, over the others. */
  readonly secret_values?: string | undefined
}

/** Where a chart is. */
export type ChartSource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'remote'; readonly chart: string; readonly repository: string | null; readonly version: string }

export const isOci = ({ chart }: Pick<NamedChart, 'chart'>): boolean => chart.startsWith('oci://')

/** Pure; the rules have found nothing wrong with it. */
export function sourceOf({ chart, repository, version = '', directory }: NamedChart): ChartSource {
  if (isOci({ chart })) return { kind: 'remote', chart, repository: null, version }
  if (repository !== undefined) return { kind: 'remote', chart, repository, version }
  return directory === undefined ? { kind: 'file', file: chart } : { kind: 'local', path: resolve(directory, chart) }
}
