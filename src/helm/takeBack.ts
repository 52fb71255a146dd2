import { toSlipwayError } from '../domain/errors.ts'
import type { HelmSurroundings } from './command.ts'
import { history, onCluster, type Reached, type ReleaseCall } from './onCluster.ts'

/** What becomes of the objects that those of a release own, as pods of a Deployment. */
export type Cascade = 'background' | 'foreground' | 'orphan'

/** Takes a release out with all that its newest manifest names and does not keep; also one whose removal was broken off. */
export async function uninstallRelease(
  { cascade, ...release }: ReleaseCall & { readonly cascade: Cascade },
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const { name, namespace } = release
  const remedy = `See what stands in its way (kubectl get jobs,pods -n ${namespace} shows its hooks), then slipway resume goes on; helm uninstall ${name} -n ${namespace} --no-hooks does without them.`
  try {
    await onCluster(release, ['uninstall', `--cascade=${cascade}`], {}, reached, around, remedy)
  } catch (error) {
    // Helm's own --ignore-not-found takes every failure to read the release for that.
    if (!/release: not found/.test(toSlipwayError(error).message)) throw error
  }
}

/** Makes a release what an earlier revision of it was, as a new revision; also one that was left in the middle of a step. */
export async function rollBackRelease(
  { revision, ...release }: ReleaseCall & { readonly revision: number },
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> {
  const remedy =
    'See what stands in its way, then slipway resume goes on; slipway platform apply goes to the version that is wanted instead.'
  const args = ['rollback', String(revision), `--history-max=${history}`] as const
  await onCluster(release, args, {}, reached, around, remedy)
}
