import type { AttemptContext, StageContext, Unmet } from '../../engine/contract/stage.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { ReleasePlace } from '../../helm/owner.ts'
import type { Release } from '../../helm/release.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { putBack } from '../byHand/changes.ts'
import { configurationOf } from '../byHand/configuration.ts'
import { type EditedObject, editedObjects, isOfOthers } from '../byHand/editedObjects.ts'
import { type ReleaseObject, seeReleaseObjects } from '../byHand/releaseObjects.ts'
import type { Condition } from '../contract.ts'
import { unmetNow } from '../untilMet.ts'
import { isGone, type Lack, lacksIn } from './workloads.ts'

/** How what a release has made stands to what it says. */
export interface ReleaseStanding {
  /** Of objects first: what else is missing may be for that. */
  readonly lacks: readonly Lack[]
  /** Those that are not there. */
  readonly gone: readonly ReleaseObject[]
  /** Those that somebody has changed by hand. */
  readonly edited: readonly EditedObject[]
  /** Titles of those that are there and belong to somebody else by now. */
  readonly ofOthers: readonly string[]
}

export const nothingSeen: ReleaseStanding = { lacks: [], gone: [], edited: [], ofOthers: [] }

type Looking = Pick<StageContext, 'signal' | 'observations'>

export async function standingOf(
  client: ClusterClient,
  release: Release,
  conditions: readonly Condition[],
  context: Looking,
): Promise<ReleaseStanding> {
  const { signal } = context
  const objects = await seeReleaseObjects(client, manifestObjects(release.manifest), release.namespace, context)
  const [edited, unmet] = await Promise.all([
    editedObjects(client, objects, release, { signal }),
    unmetNow(client, conditions, { signal }),
  ])
  const scaled = edited.flatMap(({ title, pods }): Lack[] =>
    pods === null ? [] : [{ title, missing: `it is scaled to 0, and is to have ${pods}` }],
  )
  const ofOthers = objects.flatMap(one => (isOfOthers(one, release) ? [one.title] : []))
  return { lacks: [...lacksIn(objects), ...scaled, ...unmet], gone: objects.filter(isGone), edited, ofOthers }
}

/** What of it is in the way of anything that is done to the release. Pure. */
export const standingFindings = (
  { ofOthers }: ReleaseStanding,
  { namespace, name }: ReleasePlace,
  about: string,
): Unmet[] =>
  ofOthers.map(title => ({
    name: 'object-of-another-release',
    severity: 'error',
    about,
    message: `${title} does not bear the mark of release ${namespace}/${name}: it was made anew, or taken over, by somebody else`,
    remedy: `See whose it is. Where it is to be the release's again, say so: kubectl annotate --overwrite ${typedOf(title)} meta.helm.sh/release-name=${name} meta.helm.sh/release-namespace=${namespace}.`,
  }))

/** `Deployment apps/web` as kubectl takes it: `deployment/web -n apps`. */
function typedOf(title: string): string {
  const [kind = '', place = ''] = title.split(' ')
  const [first = '', second] = place.split('/')
  return second === undefined ? `${kind.toLowerCase()}/${first}` : `${kind.toLowerCase()}/${second} -n ${first}`
}

/** What a release has that is gone, or changed by hand, is made what it says. @throws SlipwayError as `putBack` says. */
export async function putRight(
  client: ClusterClient,
  release: Release,
  context: Looking & Pick<AttemptContext, 'progress'>,
): Promise<void> {
  const { gone, edited } = await standingOf(client, release, [], context)
  const missing = gone.map(one => ({ ...one, object: configurationOf(one, release), manager: 'helm' }))
  await putBack(client, [...missing, ...edited], context, message => context.progress(message))
}
