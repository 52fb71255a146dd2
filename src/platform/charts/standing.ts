import type { AttemptContext, StageContext } from '../../engine/contract/stage.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { Release } from '../../helm/release.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { putBack } from '../byHand/changes.ts'
import { configurationOf } from '../byHand/configuration.ts'
import { type EditedObject, editedObjects } from '../byHand/editedObjects.ts'
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
}

export const nothingSeen: ReleaseStanding = { lacks: [], gone: [], edited: [] }

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
  return { lacks: [...lacksIn(objects), ...scaled, ...unmet], gone: objects.filter(isGone), edited }
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
