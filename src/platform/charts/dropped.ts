import { SlipwayError } from '../../domain/errors.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { renderChart } from '../../helm/install.ts'
import { manifestObjects } from '../../helm/manifest.ts'
import type { Reached } from '../../helm/onCluster.ts'
import { readRelease, type Release } from '../../helm/release.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { without } from '../removal/leaving.ts'
import { type Going, whatGoes, whyStaying } from '../removal/whatGoes.ts'
import type { WantedChart } from './changes.ts'

/** What a release has now and a chart has no more: Helm deletes it. */
export async function droppedBy(
  client: ClusterClient,
  present: Release,
  { packed, values }: WantedChart,
  { labels, timeout }: { readonly labels: Readonly<Record<string, string>>; readonly timeout: number },
  reached: Reached,
  around: HelmSurroundings,
): Promise<Going> {
  const { name, namespace } = present
  const manifest = await renderChart({ name, namespace, chart: packed, values, labels, timeout }, reached, around)
  const objects = without(manifestObjects(present.manifest), manifestObjects(manifest), namespace)
  const at = { name, namespace, atStake: { groups: [], definitions: [] } }
  return whatGoes(client, objects, at, around)
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
  given: Parameters<typeof droppedBy>[3],
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const release = await readRelease(client, wanted, around)
  if (!release) return
  const going = await droppedBy(client, release.deployed ?? release.newest, wanted, given, reached, around)
  const [first] = whyNotDropped(going, wanted, about).filter(({ severity }) => severity === 'error')
  if (first) throw new SlipwayError('preflight-failed', `${about}: ${first.message}`, { remedy: first.remedy })
}
