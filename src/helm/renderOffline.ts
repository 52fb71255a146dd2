import type { SlipwayError } from '../domain/errors.ts'
import { chartName, valuesAnd } from './chartFile.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { refusalOf } from './onCluster.ts'
import type { ReleasePlace } from './owner.ts'
import { isAnywhere, isOfVersion, remedyOf } from './refusal.ts'

/** A chart with its values, and what is known of the cluster that it is for. */
export interface OfflineChart extends ReleasePlace {
  /** The packed chart. */
  readonly chart: Uint8Array
  readonly values: unknown
  /** Of Kubernetes, as `v1.34.1+rke2r1`; null: not known. */
  readonly kubeVersion: string | null
  /** Whether a template of it looks at what the cluster has. */
  readonly asksCluster: boolean
  /** What it serves beside what every cluster does: `example.com/v1/Thing`. */
  readonly served: readonly string[]
}

/** What comes of rendering a chart without asking a cluster. */
export type OfflineRendering =
  /** As `renderChart` gives it. */
  | { readonly kind: 'rendered'; readonly text: string }
  | {
      readonly kind: 'refused'
      readonly error: SlipwayError
      /** It would be refused on any cluster of that version. */
      readonly isSure: boolean
    }

/**
 * Renders a chart with what is known without asking a cluster.
 * @throws SlipwayError as `callHelm` says.
 */
export async function renderOffline(
  { chart, values, kubeVersion, asksCluster, served, ...release }: OfflineChart,
  around: HelmSurroundings,
): Promise<OfflineRendering> {
  const { name, namespace } = release
  const more = [
    ...(kubeVersion === null ? [] : [`--kube-version=${kubeVersion}`]),
    ...served.map(kind => `--api-versions=${kind}`),
  ]
  const args = ['template', name, chartName, '--values=values.yaml', `--namespace=${namespace}`, '--skip-crds', ...more]
  const answer = await callHelm(args, valuesAnd(chart, values), around)
  if (answer.exitCode === 0) return { kind: 'rendered', text: answer.stdout }
  const error = refusalOf(release, answer, remedyOf(answer.stderr))
  if (error.code !== 'chart-refused') throw error
  const isSure = isOfVersion(answer.stderr) ? kubeVersion !== null : !asksCluster || isAnywhere(answer.stderr)
  return { kind: 'refused', error, isSure }
}
