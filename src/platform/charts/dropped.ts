import { SlipwayError } from '../../domain/errors.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { renderChart } from '../../helm/install.ts'
import { type ManifestObject, manifestObjects } from '../../helm/manifest.ts'
import type { Reached } from '../../helm/onCluster.ts'
import type { Release } from '../../helm/release.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { Labels } from '../../kubernetes/labels.ts'
import { without } from '../removal/leaving.ts'
import { type Going, whatGoes, whyStaying } from '../removal/whatGoes.ts'
import type { WantedChart } from './changes.ts'
import { readPresent } from './stepsBack.ts'

/** What a release has now and a chart has no more: Helm deletes it. @param objects of the chart as it is rendered. */
export function droppedBy(
  client: ClusterClient,
  present: Release,
  objects: readonly ManifestObject[],
  call: Call,
): Promise<Going> {
  const { name, namespace } = present
  const wanted = objects.filter(({ hooks }) => hooks.length === 0)
  const going = without(manifestObjects(present.manifest), wanted, namespace)
  return whatGoes(client, going, { name, namespace, atStake: { groups: [], definitions: [] } }, call)
}

/** Why that may not go. Pure. */
export const whyNotDropped = (going: Going, place: Pick<Release, 'name' | 'namespace'>, about: string): Unmet[] =>
  whyStaying(going, place, about, 'leave the chart as it is')

/**
 * As a plan has asked before, of a release that could not be rendered then, since a step of it was broken off.
 * @throws SlipwayError `preflight-failed` where data would be deleted; as `droppedBy` says.
 */
export async function refuseDropped(
  client: ClusterClient,
  { about, wanted }: { readonly about: string; readonly wanted: WantedChart },
  given: { readonly labels: Labels; readonly timeout: number },
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const present = await readPresent(client, wanted, around)
  if (!present) return
  const { name, namespace, packed, values } = wanted
  const rendering = await renderChart({ name, namespace, chart: packed, values, ...given }, reached, around)
  // That it is not taken says whoever is to do it.
  if (rendering.kind !== 'rendered') return
  const going = await droppedBy(client, present, manifestObjects(rendering.text), around)
  const [first] = whyNotDropped(going, wanted, about).filter(({ severity }) => severity === 'error')
  if (first) throw new SlipwayError('preflight-failed', `${about}: ${first.message}`, { remedy: first.remedy })
}
