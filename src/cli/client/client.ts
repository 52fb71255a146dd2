import { hostname, userInfo } from 'node:os'
import type { z } from 'zod'
import { errorOf, problemShape } from '../../api/http/problemShape.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { exchange, type Reply, type Request } from './exchange.ts'

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
    const target = new URL(`/api/v1${path}`, url)
    const reply = await reach(lost, target, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'x-slipway-user': self,
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
      ...(options.signal && { signal: options.signal }),
    })
    if (reply.status >= 300) throw await problemIn(target, reply)
    return { target, reply }
  }
  return {
    get: async (path, shape) => understood(shape, await send('GET', path, {})),
    post: async (path, body, shape) => understood(shape, await send('POST', path, { body })),
    text: async path => (await send('GET', path, {})).reply.text(),
    async stream(path, signal) {
      const { target, reply } = await send('GET', path, { signal })
      return unbroken(target, reply, signal)
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

async function reach(lost: () => void, url: URL, request: Request): Promise<Reply> {
  try {
    return await exchange(url, request)
  } catch (cause) {
    request.signal?.throwIfAborted()
    lost()
    throw new SlipwayError('server-unreachable', `${url.origin} does not answer`, { cause })
  }
}

async function* unbroken({ origin }: URL, reply: Reply, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* reply.body
  } catch (cause) {
    signal.throwIfAborted()
    throw new SlipwayError('server-unreachable', `the connection to ${origin} broke off`, { cause })
  }
}

async function understood<Shape extends z.ZodType>(
  shape: Shape,
  { target, reply }: { readonly target: URL; readonly reply: Reply },
): Promise<z.output<Shape>> {
  const parsed = shape.safeParse(await jsonOf(target, reply))
  if (parsed.success) return parsed.data
  throw new SlipwayError('server-unreachable', `the answer of ${target.origin} is not understood`, {
    remedy: 'Server and command line are of different versions: use the same.',
    cause: parsed.error,
  })
}

async function problemIn({ origin }: URL, reply: Reply): Promise<SlipwayError> {
  const parsed = problemShape.safeParse(await jsonOf({ origin }, reply).catch(() => null))
  if (parsed.success) return errorOf(parsed.data)
  return new SlipwayError('server-unreachable', `${origin} answered with status ${reply.status}`)
}

/** What came before a connection broke off, or from something that is no Slipway server, is no JSON. */
async function jsonOf({ origin }: Pick<URL, 'origin'>, reply: Reply): Promise<unknown> {
  try {
    return JSON.parse(await reply.text())
  } catch (cause) {
    throw new SlipwayError('server-unreachable', `${origin} did not answer in full`, { cause })
  }
}
