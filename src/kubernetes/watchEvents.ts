import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import { statusError } from './apiErrors.ts'
import type { Caller } from './caller.ts'
import { type Query, queryText, readObject } from './objects.ts'
import { type ApiObject, collectionPath, type Resource } from './resource.ts'

/** What one watch tells. A bookmark is of no object: it says how far the watch has come. */
export type WatchEvent<T> =
  | { readonly kind: 'set' | 'removed'; readonly object: T }
  | { readonly kind: 'bookmark'; readonly version: string }

export interface WatchFrom {
  readonly version: string
  /** ms without a word after which the connection is given up. */
  readonly silence: number
}

/** s after which the API server ends a watch, so that each finds its way to a server that lives. */
const longestWatch = 290
/** Characters of one event: twice what etcd takes for an object, as JSON may be longer. */
const longestLine = 8 * 1024 * 1024

const eventShape = z.object({ type: z.string(), object: z.unknown() })
const bookmarkShape = z.object({ metadata: z.object({ resourceVersion: z.string() }) })
const errorShape = z.object({ code: z.int() })

/** One watch: it ends when the server ends it. @throws SlipwayError as `Caller.open` says, and as the server ends it. */
export async function* watchEvents<T extends ApiObject>(
  caller: Caller,
  resource: Resource<T>,
  { namespace, labelSelector, fieldSelector }: Query,
  { version, silence }: WatchFrom,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const about = `watch ${resource.plural}`
  const path = `${collectionPath(resource, namespace)}${queryText({
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: version,
    timeoutSeconds: longestWatch,
    labelSelector,
    fieldSelector,
  })}`
  const body = await caller.open({ method: 'GET', path, about, repeatable: true, silence }, signal)
  for await (const line of linesOf(body, about)) yield eventOf(resource, line, about)
}

function eventOf<T extends ApiObject>(resource: Resource<T>, line: string, about: string): WatchEvent<T> {
  const event = eventShape.safeParse(parsed(line, about))
  if (!event.success) throw new SlipwayError('api-reply-invalid', `${about}: the answer holds what is no event`)
  const { type, object } = event.data
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'set', object: readObject(resource, object, about) }
    case 'DELETED':
      return { kind: 'removed', object: readObject(resource, object, about) }
    case 'BOOKMARK': {
      const mark = bookmarkShape.safeParse(object)
      if (!mark.success) throw new SlipwayError('api-reply-invalid', `${about}: a bookmark has no version`)
      return { kind: 'bookmark', version: mark.data.metadata.resourceVersion }
    }
    default: {
      const status = errorShape.safeParse(object).data?.code ?? 500
      throw statusError({ status, text: JSON.stringify(object), retryAfter: null }, about, words => words)
    }
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>, about: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of body) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw new SlipwayError('api-reply-invalid', `${about}: an event has no end`)
    yield* lines.filter(line => line !== '')
  }
}

function parsed(line: string, about: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new SlipwayError('api-reply-invalid', `${about}: an event is no JSON`)
  }
}
