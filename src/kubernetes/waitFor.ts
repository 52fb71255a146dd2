import { SlipwayError } from '../domain/errors.ts'
import type { ClusterClient } from './client.ts'
import { type Query, queryOfOne } from './objects.ts'
import { type ApiObject, type Place, type Resource, titleOf } from './resource.ts'
import { watchList } from './watchList.ts'
import { within } from './within.ts'

export interface Wait<T> {
  readonly signal: AbortSignal
  /** ms */
  readonly timeout: number
  /** What is missing yet, in words; null when nothing is. Its argument is null while there is no such object. */
  readonly missing: (object: T | null) => string | null
  /** Told of what is missing whenever that is something else. */
  readonly onMissing?: (missing: string) => void
  /** See `watchList`. */
  readonly silence?: number
}

/**
 * Waits until an object is as wanted, and gives back how it was then; null: there is none.
 * @throws SlipwayError `stage-timeout` that says what was missing last; as `watchList` says; the signal's reason.
 */
export async function waitFor<T extends ApiObject>(
  client: Pick<ClusterClient, 'snapshot' | 'watch'>,
  resource: Resource<T>,
  { namespace, name }: Place,
  wait: Wait<T>,
): Promise<T | null> {
  const query = queryOfOne({ namespace, name })
  const found = await waitForAll(client, resource, query, titleOf(resource, { namespace, name }), {
    ...wait,
    missing: objects => wait.missing(objects.at(-1) ?? null),
  })
  return found.at(-1) ?? null
}

/**
 * Waits until the objects of a query are as wanted together, and gives back how they were then.
 * @param title how messages name them. @throws as `waitFor`.
 */
export async function waitForAll<T extends ApiObject>(
  client: Pick<ClusterClient, 'snapshot' | 'watch'>,
  resource: Resource<T>,
  query: Query,
  title: string,
  {
    signal,
    timeout,
    missing,
    onMissing,
    silence,
  }: Omit<Wait<T>, 'missing'> & { missing(objects: readonly T[]): string | null },
): Promise<readonly T[]> {
  let last: string | null = null
  /** What came between the last word of the API and now. */
  let fault: SlipwayError | null = null
  const watched = async (until: AbortSignal): Promise<readonly T[]> => {
    const objects = new Map<string, T>()
    let listed = false
    const onFault = (error: SlipwayError) => (fault = error)
    for await (const change of watchList(client, resource, query, {
      signal: until,
      onFault,
      ...(silence !== undefined && { silence }),
    })) {
      fault = null
      if (change.kind === 'listed') listed = true
      else if (change.kind === 'removed') objects.delete(change.object.metadata.uid)
      else objects.set(change.object.metadata.uid, change.object)
      // Some of them say nothing of all.
      if (!listed) continue
      const found = [...objects.values()]
      const words = missing(found)
      if (words === null) return found
      if (words !== last) onMissing?.(words)
      last = words
    }
    throw new TypeError('a watch ends by an error only')
  }
  const late = () =>
    new SlipwayError('stage-timeout', `${title}: not within ${Math.round(timeout / 1000)} s${seen(last, fault)}`, {
      remedy: 'Look at the object and its events (`kubectl describe`), fix the cause, then `slipway resume`.',
      ...(fault && { cause: fault }),
    })
  return within(timeout, signal, watched, late)
}

function seen(last: string | null, fault: SlipwayError | null): string {
  const words = last === null ? '' : `: ${last}`
  return fault ? `${words}; after that the API did not answer once: ${fault.message}` : words
}
