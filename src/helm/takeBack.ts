import type { HelmSurroundings } from './command.ts'
import { history, onCluster, type Reached, type ReleaseCall } from './onCluster.ts'

/** What becomes of the objects that those of a release own, as pods of a Deployment. */
export type Cascade = 'background' | 'foreground' | 'orphan'

/** Takes a release out with all that its newest manifest names and does not keep; also one whose removal was broken off. */
export const uninstallRelease = (
  { cascade, ...release }: ReleaseCall & { readonly cascade: Cascade },
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> => onCluster(release, ['uninstall', '--ignore-not-found', `--cascade=${cascade}`], {}, reached, around)

/** Makes a release what an earlier revision of it was, as a new revision; also one that was left in the middle of a step. */
export const rollBackRelease = (
  { revision, ...release }: ReleaseCall & { readonly revision: number },
  reached: Reached,
  around: HelmSurroundings,
): Promise<void> => onCluster(release, ['rollback', String(revision), `--history-max=${history}`], {}, reached, around)
