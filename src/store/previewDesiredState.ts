import type { ClusterFile } from '../domain/cluster.ts'
import { refuseAddressClashes } from './addressClashes.ts'
import { type AppliedState, isDesired } from './desiredState.ts'
import type { Database } from './tables.ts'
import { readStoredSpec } from './clusters.ts'

/**
 * What `applyDesiredState` would do, without doing it: the version that the desired state would have then.
 * @throws SlipwayError `cluster-conflict` as `applyDesiredState` does.
 */
export async function previewDesiredState(database: Database, desired: ClusterFile): Promise<AppliedState> {
  const name = desired.metadata.name
  await refuseAddressClashes(database, desired)
  const row = await database
    .selectFrom('clusters')
    .select('desired_version')
    .where('name', '=', name)
    .executeTakeFirst()
  const version = row?.desired_version ?? 0
  const changed = version === 0 || !isDesired(await readStoredSpec(database, name), desired.spec)
  return { desired_version: changed ? version + 1 : version, changed }
}
