import { SlipwayError } from '../domain/errors.ts'
import type { ClusterClient } from './client.ts'
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
  { signal, timeout, missing, onMissing, silence }: Wait<T>,
): Promise<T | null> {
  const title = titleOf(resource, { namespace, name })
  let last: string | null = null
  /** What came between the last word of the API and now. */
  let fault: SlipwayError | null = null
  const watched = async (until: AbortSignal): Promise<T | null> => {
    let object: T | null = null
    const query = { namespace, fieldSelector: `metadata.name=${name}` }
    const onFault = (error: SlipwayError) => (fault = error)
    for await (const change of watchList(client, resource, query, {
      signal: until,
      onFault,
      ...(silence !== undefined && { silence }),
    })) {
      fault = null
      if (change.kind === 'added' || change.kind === 'changed') object = change.object
      else if (change.kind === 'removed' && object?.metadata.uid === change.object.metadata.uid) object = null
      const words = missing(object)
      if (words === null) return object
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
