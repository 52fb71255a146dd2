import { readRelease, type ReleaseState, secretOf } from '../../helm/release.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import type { Reached } from '../../helm/onCluster.ts'
import { rollBackRelease } from '../../helm/takeBack.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { isUnfinishedStepBack } from './stepsBack.ts'

/**
 * Makes a release one that Helm takes further. A step that was broken off is forgotten: its Helm has been ended, and the
 * next one goes on with what it left. A removal that was broken off is taken back: Helm would refuse the release for good,
 * and forgetting it would leave behind what only that revision knows of.
 * @throws SlipwayError as `ClusterClient` and `onCluster` say.
 */
export async function takeUpRelease(
  client: ClusterClient,
  release: ReleaseState,
  timeout: number,
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const { newest } = release
  const { name, namespace, revision, uid, status } = newest
  if (status === 'uninstalling') return rollBackRelease({ name, namespace, timeout, revision }, reached, around)
  if (!status.startsWith('pending-') && !isUnfinishedStepBack(newest)) return
  const { signal } = around
  await client.remove(secrets, secretOf(newest), { uid, signal })
  const before = await readRelease(client, { namespace, name }, { signal })
  if (before) await takeUpRelease(client, before, timeout, reached, around)
}
