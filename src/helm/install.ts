import { SlipwayError } from '../domain/errors.ts'
import { type Labels, labelSelector } from '../kubernetes/labels.ts'
import { chartName, valuesAnd } from './chartFile.ts'
import type { HelmSurroundings } from './command.ts'
import { askedOnCluster, history, onCluster, type Reached, refusalOf, type ReleaseCall } from './onCluster.ts'
import { isAnywhere, remedyOf } from './refusal.ts'
import { type UnknownKind, unknownKinds } from './unknownKinds.ts'

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
 * What the release would be then, with all that the chart asks the cluster for; nothing is changed. What of it is there
 * already, and is somebody else's, is no refusal here.
 * @throws SlipwayError where Helm got no answer of the API; as `callHelm` says; `api-reply-invalid`.
 */
export async function renderChart(
  { chart, values, labels, ...release }: Omit<Installation, 'description'>,
  reached: Reached,
  around: HelmSurroundings,
): Promise<Rendering> {
  const { act, files } = upgradeOf({ chart, values, labels }, ['--dry-run=server', '--take-ownership'])
  const answer = await askedOnCluster(release, act, files, reached, around)
  if (answer.exitCode === 0) return { kind: 'rendered', text: renderedIn(answer.stdout, release.name) }
  const { kinds, isAll } = unknownKinds(answer.stderr)
  if (isAll) return { kind: 'kinds-unknown', kinds }
  const error = refusalOf(release, answer, remedyOf(answer.stderr))
  if (error.code !== 'chart-refused') throw error
  return { kind: 'refused', error, kinds, isSure: isAnywhere(answer.stderr) }
}

/** What comes of rendering a chart. */
export type Rendering =
  /** All objects as YAML documents, with its hooks. May hold secrets. */
  | { readonly kind: 'rendered'; readonly text: string }
  /** The API serves no such kinds; Helm says nothing else then. */
  | { readonly kind: 'kinds-unknown'; readonly kinds: readonly UnknownKind[] }
  | {
      readonly kind: 'refused'
      readonly error: SlipwayError
      readonly kinds: readonly UnknownKind[]
      /** Whatever the cluster gets beside it. */
      readonly isSure: boolean
    }

/** As JSON it would be the whole chart as well, of which some are large. */
function renderedIn(answer: string, name: string): string {
  const [hooks, manifest] = [answer.indexOf(hooksHeading), answer.indexOf(manifestHeading)]
  if (manifest < 0) throw new SlipwayError('api-reply-invalid', `${name}: what Helm has rendered cannot be read`)
  const text = answer.slice(manifest + manifestHeading.length)
  return hooks < 0 ? text : `${answer.slice(hooks + hooksHeading.length, manifest)}\n${text}`
}
const [hooksHeading, manifestHeading] = ['\nHOOKS:\n', '\nMANIFEST:\n']

function upgrade(
  { chart, values, labels, ...release }: Omit<Installation, 'description'>,
  more: readonly string[],
  reached: Reached,
  around: HelmSurroundings,
): Promise<string> {
  const { act, files } = upgradeOf({ chart, values, labels }, more)
  return onCluster(release, act, files, reached, around)
}

const upgradeOf = (
  { chart, values, labels }: Pick<Installation, 'chart' | 'values' | 'labels'>,
  more: readonly string[],
) => ({
  act: [
    'upgrade',
    chartName,
    '--install',
    '--values=values.yaml',
    '--reset-values',
    `--labels=${labelSelector(labels)}`,
    '--skip-crds',
    '--hide-notes',
    ...more,
  ] as const,
  files: valuesAnd(chart, values),
})
