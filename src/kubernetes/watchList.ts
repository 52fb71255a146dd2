import type { SlipwayError } from '../domain/errors.ts'
import { isExpired, retryAfterOf } from './apiErrors.ts'
import type { ClusterClient } from './client.ts'
import { isPassing } from './networkErrors.ts'
import type { Query } from './objects.ts'
import type { ApiObject, Resource } from './resource.ts'
import { backoff, pause } from './within.ts'
import type { WatchEvent } from './watchEvents.ts'

export type Change<T> =
  | { readonly kind: 'added' | 'changed' | 'removed'; readonly object: T }
  /** What was told up to here is all that there is. Comes again after each time the objects had to be listed anew. */
  | { readonly kind: 'listed' }

export interface Watching {
  readonly signal: AbortSignal
  /** ms without a word of the API after which the objects are listed anew; default 90 s, as it speaks up each minute. */
  readonly silence?: number
  /** Told of faults that are waited out. */
  readonly onFault?: (fault: SlipwayError) => void
}

/** ms */
const longestPause = 15_000
/** ms; a watch that ends sooner without a word was none. */
const shortestWatch = 5000

/**
 * The objects there are, and then each change of them, for as long as it is read. A lost connection, and an API that
 * does not answer, is waited out; when it has forgotten where the watch was, or was silent, the objects are listed anew
 * and the differences told. An object that got the name of another one is another one.
 * @throws SlipwayError of which no waiting helps (unauthorized, forbidden, no such resource); the signal's reason.
 */
export async function* watchList<T extends ApiObject>(
  client: Pick<ClusterClient, 'snapshot' | 'watch'>,
  resource: Resource<T>,
  query: Query,
  { signal, silence = 90_000, onFault }: Watching,
): AsyncGenerator<Change<T>, never, undefined> {
  const known = new Map<string, T>()
  /** Where the watch goes on; null: the objects are to be listed. */
  let version: string | null = null
  /** In a row. */
  let faults = 0
  for (;;) {
    const began = performance.now()
    let fault: SlipwayError | null = null
    try {
      if (version === null) {
        const snapshot = await client.snapshot(resource, query, { signal })
        version = snapshot.version
        yield* differences(known, snapshot.items)
        yield { kind: 'listed' }
      }
      for await (const event of client.watch(resource, query, { version, silence }, signal)) {
        faults = 0
        version = event.kind === 'bookmark' ? event.version : event.object.metadata.resourceVersion
        yield* changeOf(known, event)
      }
    } catch (error) {
      signal.throwIfAborted()
      if (isExpired(error) || isSilence(error)) version = null
      else if (!isPassing(error)) throw error
      if (isPassing(error) && !isSilence(error)) fault = error
    }
    if (fault) onFault?.(fault)
    // A watch that was read until its end goes on at once.
    else if (performance.now() - began > shortestWatch) faults = 0
    if (fault || performance.now() - began <= shortestWatch) {
      faults += 1
      await pause((fault && retryAfterOf(fault)) ?? backoff(faults, longestPause), signal)
    }
  }
}

const isSilence = (error: unknown): boolean => isPassing(error) && error.facts['silent'] === true

/** What has to be told so that whoever knows the former objects knows these. */
function* differences<T extends ApiObject>(known: Map<string, T>, items: readonly T[]): Generator<Change<T>> {
  const present = new Set(items.map(({ metadata }) => metadata.uid))
  for (const object of known.values()) {
    if (present.has(object.metadata.uid)) continue
    known.delete(object.metadata.uid)
    yield { kind: 'removed', object }
  }
  for (const object of items) yield* setObject(known, object)
}

function* changeOf<T extends ApiObject>(known: Map<string, T>, event: WatchEvent<T>): Generator<Change<T>> {
  if (event.kind === 'set') yield* setObject(known, event.object)
  else if (event.kind === 'removed') {
    known.delete(event.object.metadata.uid)
    yield { kind: 'removed', object: event.object }
  }
}

function* setObject<T extends ApiObject>(known: Map<string, T>, object: T): Generator<Change<T>> {
  const { uid, resourceVersion } = object.metadata
  const former = known.get(uid)
  known.set(uid, object)
  if (former?.metadata.resourceVersion === resourceVersion) return
  yield { kind: former ? 'changed' : 'added', object }
}
