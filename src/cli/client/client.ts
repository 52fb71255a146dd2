import { hostname, userInfo } from 'node:os'
import type { z } from 'zod'
import { errorOf, problemShape } from '../../contract/problem.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { exchange, type Reply, type Request } from './exchange.ts'
import { heard } from './heard.ts'

/** Where a server is, and what lets in. */
export interface Endpoint {
  readonly url: string
  readonly token: string
}

/** The HTTP API, as commands use it. Errors of the server come out as it threw them. */
export interface Client {
  get<Shape extends z.ZodType>(path: string, shape: Shape, signal?: AbortSignal): Promise<z.output<Shape>>
  /** As `get`, of what machines are asked for first. */
  look<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>>
  post<Shape extends z.ZodType>(
    path: string,
    body: unknown,
    shape: Shape,
    signal?: AbortSignal,
  ): Promise<z.output<Shape>>
  text(path: string): Promise<string>
  /** The body of a streamed reply; rejects while it is read when the connection is lost or has gone silent. */
  stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

/** How long is waited for a server, ms. */
export interface Patience {
  /** For an answer that only reads, and for the head of a stream. */
  readonly read: number
  /** For every other answer: a plan looks at all machines. */
  readonly act: number
  /** For the next piece of a stream; a server sends a heartbeat every 15 s. */
  readonly silence: number
}

export interface ClientOptions {
  /** Asked once the server did not answer: one that was started again listens elsewhere. */
  readonly findAgain?: () => Promise<Endpoint | null>
  readonly patience?: Patience
}

interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  /** It only reads, and machines are asked first. */
  readonly looks?: true
}

export function createClient(endpoint: Endpoint, options: ClientOptions = {}): Client {
  const { read, act, silence } = options.patience ?? { read: 60_000, act: 15 * 60_000, silence: 60_000 }
  let current: Endpoint | null = endpoint
  const send = async <T>(asked: Asked, take: (reply: Reply, target: URL) => Promise<T>): Promise<T> => {
    current ??= (await options.findAgain?.()) ?? endpoint
    const { url, token } = current
    const lost = () => {
      current = null
    }
    const target = new URL(`/api/v1${asked.path}`, url)
    const { signal, clear } = deadline(asked.method === 'GET' && !asked.looks ? read : act, asked.signal)
    try {
      const reply = await reach(lost, target, {
        method: asked.method,
        headers: {
          authorization: `Bearer ${token}`,
          'x-slipway-user': self,
          ...(asked.body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
        signal,
      })
      if (reply.status >= 300) throw await problemIn(target, reply)
      return await take(reply, target)
    } catch (error) {
      asked.signal?.throwIfAborted()
      throw error
    } finally {
      clear()
    }
  }
  return {
    get: (path, shape, signal) =>
      send({ method: 'GET', path, signal }, (reply, target) => understood(shape, target, reply)),
    look: (path, shape) =>
      send({ method: 'GET', path, looks: true }, (reply, target) => understood(shape, target, reply)),
    post: (path, body, shape, signal) =>
      send({ method: 'POST', path, body, signal }, (reply, target) => understood(shape, target, reply)),
    text: path => send({ method: 'GET', path }, (reply, target) => whole(target, reply)),
    stream: (path, signal) =>
      send({ method: 'GET', path, signal }, async (reply, target) => unbroken(target, reply, signal, silence)),
  }
}

/** Aborted with `given`, or when the time is over before it is cleared. */
function deadline(limit: number, given: AbortSignal | undefined) {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${limit / 1000} s`)), limit)
  return {
    signal: given ? AbortSignal.any([given, late.signal]) : late.signal,
    clear: () => clearTimeout(timer),
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
    lost()
    throw new SlipwayError('server-unreachable', `${url.origin} does not answer`, { cause })
  }
}

async function* unbroken(
  { origin }: URL,
  reply: Reply,
  signal: AbortSignal,
  silence: number,
): AsyncGenerator<Uint8Array> {
  try {
    yield* heard(reply.body, silence)
  } catch (cause) {
    signal.throwIfAborted()
    throw new SlipwayError('server-unreachable', `the connection to ${origin} broke off`, { cause })
  }
}

async function understood<Shape extends z.ZodType>(shape: Shape, target: URL, reply: Reply): Promise<z.output<Shape>> {
  const parsed = shape.safeParse(await jsonOf(target, reply))
  if (parsed.success) return parsed.data
  throw new SlipwayError('server-unreachable', `the answer of ${target.origin} is not understood`, {
    remedy: 'Server and command line are of different versions: use the same.',
    cause: parsed.error,
  })
}

async function problemIn(target: URL, reply: Reply): Promise<SlipwayError> {
  const parsed = problemShape.safeParse(await jsonOf(target, reply).catch(() => null))
  if (parsed.success) return errorOf(parsed.data)
  return new SlipwayError('server-unreachable', `${target.origin} answered with status ${reply.status}`)
}

/** @throws SlipwayError `server-unreachable` when the connection breaks off in the middle. */
async function whole({ origin }: URL, reply: Reply): Promise<string> {
  try {
    return await reply.text()
  } catch (cause) {
    throw new SlipwayError('server-unreachable', `${origin} did not answer in full`, { cause })
  }
}

/** What something that is no Slipway server answers may be no JSON. */
async function jsonOf(target: URL, reply: Reply): Promise<unknown> {
  const text = await whole(target, reply)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SlipwayError('server-unreachable', `${target.origin} did not answer in full`, { cause })
  }
}
