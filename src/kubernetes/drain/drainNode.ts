import type { ClusterClient } from '../client.ts'
import { placeName } from '../resource.ts'
import { daemonSets, type Pod, pods } from '../resources.ts'
import { watchList } from '../watchList.ts'
import { within } from '../within.ts'
import { cordon } from './cordon.ts'
import { blockedDrain } from './blockedDrain.ts'
import { Evictions, type EvictionPace } from './evictions.ts'
import { type Allowed, fateOf } from './podFates.ts'
import { refusedDrain } from './refusedDrain.ts'

export interface Drain extends EvictionPace {
  readonly signal: AbortSignal
  /** ms until every pod must be gone. */
  readonly deadline: number
  readonly allowed?: Allowed
}

/**
 * Cordons a node and evicts its pods, as their disruption budgets allow, until they are gone; what a DaemonSet or the
 * kubelet itself runs is left, and what has finished. The cordon stays, however this ends: see `uncordon`.
 * @returns how many pods have gone.
 * @throws SlipwayError `guard-refused` for pods that nobody allowed to be lost (before anything is changed, if they were
 * there then); `drain-blocked` that says what held the pods until the deadline; `not-found`; as `ClusterClient` says.
 */
export async function drainNode(client: ClusterClient, node: string, drain: Drain): Promise<number> {
  const { signal, deadline, allowed = {} } = drain
  const query = { fieldSelector: `spec.nodeName=${node}` }
  const daemons = new Set<string>()
  for await (const { metadata } of client.list(daemonSets, {}, { signal })) daemons.add(metadata.uid)
  const fate = (pod: Pod) => fateOf(pod, daemons, allowed)
  const { items } = await client.snapshot(pods, query, { signal })
  const refusal = refusedDrain(node, items, fate)
  if (refusal) throw refusal
  await cordon(client, node, { signal })

  /** Those that are to go, by uid, as they were seen last. */
  const left = new Map<string, Pod>()
  const evictions = new Evictions(client, drain)
  const empty = async (until: AbortSignal): Promise<number> => {
    const stop = new AbortController()
    const both = AbortSignal.any([until, stop.signal])
    const gone = new Set<string>()
    let listed = false
    try {
      for await (const change of watchList(client, pods, query, { signal: both })) {
        if (change.kind === 'listed') listed = true
        else {
          const { uid } = change.object.metadata
          const { kind } = change.kind === 'removed' ? { kind: 'gone' as const } : fate(change.object)
          if (kind === 'in-the-way') throw refusedDrain(node, [change.object], fate)
          if (kind === 'evicted') evictions.begin(change.object, both).catch(error => stop.abort(error))
          if (kind === 'evicted' || kind === 'ending') left.set(uid, change.object)
          else if (left.delete(uid)) {
            gone.add(uid)
            drain.onProgress?.(`${placeName(change.object.metadata)} is gone, ${left.size} are left`)
          }
        }
        if (listed && left.size === 0) return gone.size
      }
      throw new TypeError('a watch ends by an error only')
    } finally {
      stop.abort(new Error('the drain is over'))
      await evictions.settled()
    }
  }
  const late = new Error('late')
  try {
    return await within(deadline, signal, empty, () => late)
  } catch (error) {
    if (error !== late) throw error
    throw await blockedDrain(client, node, drain, [...left.values()], evictions)
  }
}
