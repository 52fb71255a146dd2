import type { Release, ReleaseHistory } from '../../helm/release.ts'
import { secretOf } from '../../helm/release.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { secrets } from '../../kubernetes/resources.ts'

/**
 * Whether a step back was broken off, or has failed. Helm keeps with it the manifest of what was to come back, takes that for
 * what is there when it goes on, and would never delete what only the revision before it has.
 */
export const isUnfinishedStepBack = ({ status, backTo, description }: Release): boolean =>
  status === 'pending-rollback' ||
  (status === 'failed' && (backTo !== null || /^Rollback "[^"]*" failed/.test(description)))

/** Without the newest ones that are such steps: what is there is what the one before them knows of, or less. Pure. */
export function withoutStepsBack(history: ReleaseHistory): ReleaseHistory {
  const [present, ...older] = history.slice(history.findIndex(one => !isUnfinishedStepBack(one)))
  return present ? [present, ...older] : history
}

/** Has Helm go on from what was there before them. @throws SlipwayError as `ClusterClient` says. */
export async function forgetStepsBack(
  client: Pick<ClusterClient, 'remove'>,
  history: ReleaseHistory,
  { signal }: Call,
): Promise<void> {
  for (const step of history.slice(0, history.indexOf(withoutStepsBack(history)[0])))
    await client.remove(secrets, secretOf(step), { uid: step.uid, signal })
}
