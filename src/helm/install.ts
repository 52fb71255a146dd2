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
  /** Fields that others have set since become what the chart says: the API would refuse to change them. */
  readonly overOthers: boolean
}

/**
 * Installs a chart, or makes its release one of this chart with these values and no others. That its workloads become
 * ready is not waited for.
 * @throws SlipwayError as `onCluster` says.
 */
export async function installChart(
  { description, overOthers, ...installation }: Installation,
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const more = ['--create-namespace', `--history-max=${history}`, `--description=${description}`]
  if (overOthers && knowsManagers(around.tool)) more.push('--force-conflicts')
  await upgrade(installation, more, reached, around)
}

/**
 * The manifest that a release would have then; nothing is changed. May hold secrets.
 * @throws SlipwayError as `onCluster` says; `api-reply-invalid`.
 */
export async function renderChart(
  installation: Omit<Installation, 'description' | 'overOthers'>,
  reached: Reached,
  around: HelmSurroundings,
): Promise<string> {
  const answer = await upgrade(installation, ['--dry-run=server'], reached, around)
  // As JSON it would be the whole chart as well, of which some are large.
  const at = answer.indexOf(heading)
  if (at >= 0) return answer.slice(at + heading.length)
  throw new SlipwayError('api-reply-invalid', `${installation.name}: what Helm has rendered cannot be read`)
}
/** Earlier ones set what they are to set, whoever has changed it. */
const knowsManagers = ({ version }: HelmSurroundings['tool']): boolean => !version.startsWith('v3.')

const heading = '\nMANIFEST:\n'

const upgrade = (
  { chart, values, labels, ...release }: Omit<Installation, 'description' | 'overOthers'>,
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
