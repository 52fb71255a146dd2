import { SlipwayError } from '../domain/errors.ts'
import { type Labels, labelSelector } from '../kubernetes/labels.ts'
import { chartName } from './chartFile.ts'
import type { HelmSurroundings } from './command.ts'
import { history, onCluster, type Reached, type ReleaseCall } from './onCluster.ts'

export interface Installation extends ReleaseCall {
  /** The packed chart. */
  readonly chart: Uint8Array
  readonly values: unknown
  /** By which the release is known as ours. */
  readonly labels: Labels
  /** Kept with the revision, which is then known to be ours alone. */
  readonly description: string
}

/**
 * Installs a chart, or makes its release one of this chart with these values and no others. That its workloads become
 * ready is not waited for.
 * @throws SlipwayError as `onCluster` says.
 */
export async function installChart(
  { description, ...installation }: Installation,
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const more = ['--create-namespace', `--history-max=${history}`, `--description=${description}`]
  await upgrade(installation, more, reached, around)
}

/**
 * The manifest that a release would have then; nothing is changed. May hold secrets.
 * @throws SlipwayError as `onCluster` says; `api-reply-invalid`.
 */
export async function renderChart(
  installation: Omit<Installation, 'description'>,
  reached: Reached,
  around: HelmSurroundings,
): Promise<string> {
  const answer = await upgrade(installation, ['--dry-run=server'], reached, around)
  // As JSON it would be the whole chart as well, of which some are large.
  const at = answer.indexOf(heading)
  if (at >= 0) return answer.slice(at + heading.length)
  throw new SlipwayError('api-reply-invalid', `${installation.name}: what Helm has rendered cannot be read`)
}
const heading = '\nMANIFEST:\n'

const upgrade = (
  { chart, values, labels, ...release }: Omit<Installation, 'description'>,
  more: readonly string[],
  reached: Reached,
  around: HelmSurroundings,
): Promise<string> =>
  onCluster(
    release,
    [
      'upgrade',
      chartName,
      '--install',
      '--values=values.yaml',
      '--reset-values',
      `--labels=${labelSelector(labels)}`,
      '--skip-crds',
      '--hide-notes',
      ...more,
    ],
    // JSON is YAML whose texts no reader takes for a switch or a number (yes, 1e3, 12:30).
    { [chartName]: chart, 'values.yaml': JSON.stringify(values) },
    reached,
    around,
  )
