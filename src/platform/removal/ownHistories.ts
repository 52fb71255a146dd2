import { readHistories, type Release, type ReleaseHistory } from '../../helm/release.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { Labels } from '../../kubernetes/labels.ts'
import { isOwn } from '../ownLabels.ts'

/** Releases of a name, by who has made them. */
export interface OwnHistories {
  readonly own: readonly ReleaseHistory[]
  /** The newest revision of each that somebody else has made. */
  readonly ofOthers: readonly Release[]
}

/** @param namespace null: wherever they are. @param labels by which ours are known. */
export async function ownHistories(
  client: Pick<ClusterClient, 'snapshot'>,
  { name, namespace }: { readonly name: string; readonly namespace: string | null },
  labels: Labels,
  call: Call,
): Promise<OwnHistories> {
  const histories = await readHistories(client, { name, ...(namespace !== null && { namespace }) }, call)
  return {
    own: histories.filter(([newest]) => isOwn(newest, labels)),
    ofOthers: histories.flatMap(([newest]) => (isOwn(newest, labels) ? [] : [newest])),
  }
}
