import { expect } from 'vitest'
import type { ClusterClient } from '../../src/kubernetes/client.ts'
import { type Pod, pods } from '../../src/kubernetes/resources.ts'
import { watchList } from '../../src/kubernetes/watchList.ts'

export const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

/** How few pods were ready and not ending at any moment once four were, until the signal is aborted. */
export async function fewestReady(client: ClusterClient, namespace: string, until: AbortSignal): Promise<number> {
  const ready = new Set<string>()
  let fewest = 4
  let listed = false
  const watch = async () => {
    for await (const change of watchList(client, pods, { namespace }, { signal: until })) {
      if (change.kind === 'listed') listed = true
      else {
        const { uid, deletionTimestamp } = change.object.metadata
        const isThere = change.kind !== 'removed' && deletionTimestamp === undefined && isReady(change.object)
        if (isThere) ready.add(uid)
        else ready.delete(uid)
      }
      if (listed) fewest = Math.min(fewest, ready.size)
    }
  }
  await expect(watch()).rejects.toThrow('the drain has ended')
  return fewest
}
