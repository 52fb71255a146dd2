import { hostname, userInfo } from 'node:os'
import type { z } from 'zod'
import { errorOf, problemShape } from '../../api/http/problems.ts'
import { SlipwayError } from '../../domain/errors.ts'

/** Where a server is, and what lets in. */
export interface Endpoint {
  readonly url: string
  readonly token: string
}

/** The HTTP API, as commands use it. Errors of the server come out as it threw them. */
export interface Client {
  get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>>
  post<Shape extends z.ZodType>(path: string, body: unknown, shape: Shape): Promise<z.output<Shape>>
  text(path: string): Promise<string>
  /** The body of a streamed reply; rejects while it is read when the connection is lost. */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

/** `findAgain` is asked once the server did not answer: one that was started again listens elsewhere. */
export function createClient(endpoint: Endpoint, findAgain: () => Promise<Endpoint | null> = async () => null): Client {
  let current: Endpoint | null = endpoint
  const send = async (method: string, path: string, options: { body?: unknown; signal?: AbortSignal }) => {
    current ??= (await findAgain()) ?? endpoint
    const { url, token } = current
    const lost = () => {
      current = null
    }
    const response = await reach(lost, new URL(`/api/v1${path}`, url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-slipway-user': self,
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      ...(options.signal && { signal: options.signal }),
    })
    if (!response.ok) throw await problemIn(response)
    return response
  }
  return {
    get: async (path, shape) => understood(shape, await send('GET', path, {})),
    post: async (path, body, shape) => understood(shape, await send('POST', path, { body })),
    text: async path => (await send('GET', path, {})).text(),
    async stream(path, signal) {
      const { body } = await send('GET', path, { signal })
      if (!body) throw new SlipwayError('server-unreachable', 'the server sent no stream')
      return body
    },
  }
}

/** Who asks, for run and audit. */
const self = `${userName()}@${hostname()}`.replace(/[^\x21-\x7e]/g, '?')

/** A user id in a container may have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.()}`
  }
}

async function reach(lost: () => void, url: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch (cause) {
    request.signal?.throwIfAborted()
    lost()
    throw new SlipwayError('server-unreachable', `${url.origin} does not answer`, { cause })
  }
}

async function understood<Shape extends z.ZodType>(shape: Shape, response: Response): Promise<z.output<Shape>> {
  const parsed = shape.safeParse(await response.json())
  if (parsed.success) return parsed.data
  throw new SlipwayError('server-unreachable', `the answer of ${new URL(response.url).origin} is not understood`, {
    remedy: 'Server and command line are of different versions: use the same.',
    cause: parsed.error,
  })
}

async function problemIn(response: Response): Promise<SlipwayError> {
  const body: unknown = await response.json().catch(() => null)
  const parsed = problemShape.safeParse(body)
  if (parsed.success) return errorOf(parsed.data)
  return new SlipwayError(
    'server-unreachable',
    `${new URL(response.url).origin} answered with status ${response.status}`,
  )
}
