import { chartName } from './chartFile.ts'
import type { HelmSurroundings } from './command.ts'
import { history, onCluster, type Reached, type ReleaseCall } from './onCluster.ts'

export interface Installation extends ReleaseCall {
  /** The packed chart. */
  readonly chart: Uint8Array
  readonly values: unknown
  /** By which the release is known as ours. */
  readonly labels: Readonly<Record<string, string>>
  /** Kept with the revision, which is then known to be ours alone. */
  readonly description: string
}

/**
 * Installs a chart, or makes its release one of this chart with these values and no others. That its workloads become
 * ready is not waited for.
 * @throws SlipwayError as `onCluster` says.
 */
export const installChart = (
  { chart, values, labels, description, ...release }: Installation,
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> =>
  onCluster(
    release,
    [
      'upgrade',
      chartName,
      '--install',
      '--create-namespace',
      '--values=values.yaml',
      '--reset-values',
      `--history-max=${history}`,
      `--labels=${Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join()}`,
      `--description=${description}`,
      '--skip-crds',
      '--hide-notes',
      '--output=json',
    ],
    // JSON is YAML whose texts no reader takes for a switch or a number (yes, 1e3, 12:30).
    { [chartName]: chart, 'values.yaml': JSON.stringify(values) },
    reached,
    around,
  )
