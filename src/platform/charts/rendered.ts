import type { SlipwayError } from '../../domain/errors.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { renderChart } from '../../helm/install.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { Reached } from '../../helm/onCluster.ts'
import { type OfflineRendering, renderOffline } from '../../helm/renderOffline.ts'
import type { UnknownKind } from '../../helm/unknownKinds.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { Labels } from '../../kubernetes/labels.ts'
import type { MissingKind } from '../objects/missingKind.ts'
import { groupOf } from '../removal/leaving.ts'
import type { WantedChart } from './changes.ts'
import { kindsDefinedBy } from './definitions.ts'
import { type Fit, fitOf, type Place } from './fit.ts'
import { hiddenError } from './hidden.ts'

/** What Helm and the API would say of a chart that is to be installed, or made another one, as far as they can tell now. */
export interface Rendered {
  /** Why Helm does not render it. `isSure`: whatever else comes to the cluster before it. */
  readonly refusal: { readonly error: SlipwayError; readonly isSure: boolean } | null
  /** Why it is not rendered without a cluster; on one it may be. */
  readonly doubt: string | null
  readonly unknownKinds: readonly MissingKind[]
  /** How its objects stand to the cluster; null: nobody can tell before it is tried. */
  readonly fit: Fit | null
}

const nothing: Rendered = { refusal: null, doubt: null, unknownKinds: [], fit: null }

/**
 * Looks at a chart without asking a cluster: before there is one, or while a step of its release is to be taken up first.
 * @param kubeVersion `v1.34.1+rke2r1`; null: not known. @throws SlipwayError as `callHelm` says.
 */
export async function renderedOffline(
  wanted: WantedChart,
  kubeVersion: string | null,
  around: HelmSurroundings,
): Promise<Rendered> {
  const rendering = await offline(wanted, kubeVersion, around)
  if (rendering.kind === 'rendered') return nothing
  const { isSure } = rendering
  const error = hiddenError(rendering.error, wanted)
  return isSure ? { ...nothing, refusal: { error, isSure } } : { ...nothing, doubt: error.message }
}

/** Looks at a chart as the cluster is now. @throws SlipwayError as `renderChart` and `ClusterClient` say. */
export async function renderedOn(
  client: ClusterClient,
  wanted: WantedChart,
  { labels, timeout, ...place }: Place & { readonly labels: Labels; readonly timeout: number },
  reached: Reached,
  around: HelmSurroundings,
): Promise<Rendered> {
  const { name, namespace, packed: chart, values } = wanted
  const rendering = await renderChart({ name, namespace, chart, values, labels, timeout }, reached, around)
  const seen = async (text: string): Promise<Rendered> => ({
    ...nothing,
    fit: await fitOf(client, manifestObjects(text), wanted, place, around),
  })
  if (rendering.kind === 'rendered') return seen(rendering.text)
  const unknownKinds = await missingOf(client, rendering.kinds, wanted, around)
  const refusal =
    rendering.kind === 'refused' ? { error: hiddenError(rendering.error, wanted), isSure: rendering.isSure } : null
  const told = { ...nothing, unknownKinds, refusal }
  if (unknownKinds.length > 0 || refusal?.isSure || wanted.facts.definitions.length === 0) return told
  // What it lacks may be what it brings itself, before what it is otherwise made of.
  const alone = await offline(wanted, await client.version(around), around)
  return alone.kind === 'rendered' ? seen(alone.text) : told
}

const offline = (
  { name, namespace, packed: chart, values, facts }: WantedChart,
  kubeVersion: string | null,
  around: HelmSurroundings,
): Promise<OfflineRendering> => {
  const { asksCluster } = facts
  return renderOffline(
    { name, namespace, chart, values, kubeVersion, asksCluster, served: kindsDefinedBy(facts) },
    around,
  )
}

/** Those that the chart does not define itself. */
function missingOf(
  client: Pick<ClusterClient, 'kinds'>,
  kinds: readonly UnknownKind[],
  { facts }: WantedChart,
  call: Call,
): Promise<MissingKind[]> {
  const own = new Set(kindsDefinedBy(facts))
  return Promise.all(
    kinds
      .filter(({ apiVersion, kind }) => !own.has(`${apiVersion}/${kind}`))
      .map(async one => {
        const served = (await client.kinds(groupOf(one), call)).find(({ kind }) => kind === one.kind)
        return { ...one, instead: served ? [served.version] : [] }
      }),
  )
}
