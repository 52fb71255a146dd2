import type { ReleasePlace } from '../../helm/owner.ts'
import { readHistories, type Release, type ReleaseHistory, secretOf } from '../../helm/release.ts'
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

/**
 * What Helm takes for what is there of a release when it makes it another one, with those steps forgotten. Null: there is no
 * release. @throws SlipwayError as `readHistories` says.
 */
export async function readPresent(
  client: Pick<ClusterClient, 'snapshot'>,
  place: ReleasePlace,
  call: Call,
): Promise<Release | null> {
  const [history] = await readHistories(client, place, call)
  return history ? (history.find(({ status }) => status === 'deployed') ?? withoutStepsBack(history)[0]) : null
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
