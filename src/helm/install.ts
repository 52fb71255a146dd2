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
  /** Fields that others have set since become what the chart says: the API would refuse to change them. */
  readonly overOthers: boolean
}

/**
 * Installs a chart, or makes its release one of this chart with these values and no others. That its workloads become
 * ready is not waited for.
 * @param isNew where there was no release: one that somebody else has made meanwhile is not touched then.
 * @throws SlipwayError as `onCluster` says.
 */
export async function installChart(
  { description, overOthers, isNew, chart, values, labels, ...release }: Installation & { readonly isNew: boolean },
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const given = ['--create-namespace', `--description=${description}`, ...optionsOf(labels)]
  if (overOthers && knowsManagers(around.tool)) given.push('--force-conflicts')
  const act = isNew ? (['install', chartName] as const) : (['upgrade', chartName, ...orInstall] as const)
  await onCluster(release, [...act, ...given], valuesAnd(chart, values), reached, around)
}

/** Earlier ones set what they are to set, whoever has changed it. */
const knowsManagers = ({ version }: HelmSurroundings['tool']): boolean => !version.startsWith('v3.')

/**
 * What the release would be then, with all that the chart asks the cluster for; nothing is changed. What of it is there
 * already, and is somebody else's, is no refusal here.
 * @throws SlipwayError where Helm got no answer of the API; as `callHelm` says; `api-reply-invalid`.
 */
export async function renderChart(
  { chart, values, labels, ...release }: Omit<Installation, 'description' | 'overOthers'>,
  reached: Reached,
  around: HelmSurroundings,
): Promise<Rendering> {
  const act = [
    'upgrade',
    chartName,
    ...orInstall,
    ...optionsOf(labels),
    '--dry-run=server',
    '--take-ownership',
  ] as const
  const answer = await askedOnCluster(release, act, valuesAnd(chart, values), reached, around)
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

const orInstall = ['--install', '--reset-values', `--history-max=${history}`] as const

const optionsOf = (labels: Labels) =>
  ['--values=values.yaml', `--labels=${labelSelector(labels)}`, '--skip-crds', '--hide-notes'] as const
