import type { HelmSurroundings } from '../../helm/command.ts'
import { type ManifestObject, manifestObjects } from '../../helm/manifest.ts'
import type { Release } from '../../helm/release.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { namespaces } from '../../kubernetes/resources.ts'
import { kindsOf, type LiveObject, liveOf, without } from '../removal/leaving.ts'
import type { Going } from '../removal/whatGoes.ts'
import type { WantedChart } from './changes.ts'
import { kindsDefinedBy } from './definitions.ts'
import { droppedBy } from './dropped.ts'
import { accountsOf, type ChartAccounts } from './chartAccounts.ts'
import { hidden } from './hidden.ts'
import { type InPlace, inPlaceOf } from './inPlace.ts'
import { type Placed, type Tried, tryObjects } from './tried.ts'

/** How the objects of a chart stand to what a cluster has. */
export interface Fit {
  readonly inPlace: InPlace
  readonly tried: Tried
  /** What the release has and the chart has no more; null: there is no release. */
  readonly dropped: Going | null
  readonly accounts: ChartAccounts
}

/** Where a chart goes. */
export interface Place {
  /** What there is of the release; null: nothing. */
  readonly present: Release | null
  /** Names of definitions that somebody else has left, and the release is given before. */
  readonly adopted: readonly string[]
}

/** @throws SlipwayError as `ClusterClient` says. */
export async function fitOf(
  client: ClusterClient,
  objects: readonly ManifestObject[],
  wanted: WantedChart,
  { present, adopted }: Place,
  around: HelmSurroundings,
): Promise<Fit> {
  const { namespace } = wanted
  const candidates = newOf(objects, present, namespace)
  const kindOf = await kindsOf(client, candidates, around)
  const placed = candidates.flatMap((object): Placed[] => {
    const kind = kindOf(object)
    return kind ? [{ object, kind, namespace: kind.namespaced ? (object.namespace ?? namespace) : null }] : []
  })
  const missing = await missingOf(client, placed, around)
  const isMissing = (one: Placed) => one.namespace !== null && missing.has(one.namespace)
  const mayBe = placed.flatMap(one => (isMissing(one) ? [] : [one.object]))
  const live = await liveOf(client, mayBe, { namespace, kindOf }, around)
  const there = new Set(live.map(({ of }) => of))
  // What is right for kinds of its own say the definitions that it brings.
  const own = new Set(kindsDefinedBy(wanted.facts))
  const fresh = placed.filter(({ object }) => !there.has(object) && !own.has(`${object.apiVersion}/${object.kind}`))
  const [tried, dropped] = await Promise.all([
    tryObjects(client, fresh, { isMissing, strict: isStrict(around) }, around),
    present && droppedBy(client, present, objects, around),
  ])
  const isAdopted = ({ resource, live: { metadata } }: LiveObject) =>
    resource.kind === 'CustomResourceDefinition' && adopted.includes(metadata.name)
  const inPlace = inPlaceOf(
    live.filter(one => !isAdopted(one)),
    wanted,
  )
  const hide = (said: Tried['invalid']) => said.map(one => ({ ...one, words: hidden(one.words, wanted) }))
  return {
    inPlace,
    tried: { invalid: hide(tried.invalid), denied: hide(tried.denied) },
    dropped,
    accounts: accountsOf(objects, there, namespace),
  }
}

/** An earlier Helm has the API leave out what it does not know. */
const isStrict = ({ tool }: HelmSurroundings): boolean => !tool.version.startsWith('v3')

/** What Helm would make. A release that is there has its hooks wherever it has left them. Pure. */
function newOf(
  objects: readonly ManifestObject[],
  present: Release | null,
  namespace: string,
): readonly ManifestObject[] {
  if (!present) return objects.filter(({ hooks }) => hooks.length === 0 || hooks.some(event => ofInstall.has(event)))
  const own = objects.filter(({ hooks }) => hooks.length === 0)
  return without(own, manifestObjects(present.manifest), namespace)
}
/** A test is made by whoever asks for it. */
const ofInstall: ReadonlySet<string> = new Set(['pre-install', 'post-install'])

/** Those of their namespaces that are not there. */
async function missingOf(
  client: Pick<ClusterClient, 'get'>,
  placed: readonly Placed[],
  call: Call,
): Promise<ReadonlySet<string>> {
  const names = new Set(placed.flatMap(one => one.namespace ?? []))
  const found = [...names].map(async name => ((await client.get(namespaces, { name }, call)) === null ? [name] : []))
  return new Set((await Promise.all(found)).flat())
}
