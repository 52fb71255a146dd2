import { hostOfUrl } from '../domain/addresses.ts'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { isIP } from 'node:net'
import type * as Undici from 'undici'
import type { ApiAccess } from './apiAccess.ts'
import { networkError } from './networkErrors.ts'

/**
 * How the API server is reached: as its URL says, or through a Unix socket that leads to its port (an SSH forward).
 * Either way it must prove to be the server of the URL.
 */
export type Way = { readonly kind: 'direct' } | { readonly kind: 'socket'; readonly path: string }

export interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the server's URL, with its query. */
  readonly path: string
  readonly body?: string
  readonly type?: string
  /** ms between two pieces of the answer after which it is given up; default 15 s. */
  readonly silence?: number
}

export interface Reply {
  readonly status: number
  /** ms that the server wants us to wait; null when it says nothing of it. */
  readonly retryAfter: number | null
  /** Ends, or is broken off by whoever stops reading. @throws SlipwayError as `networkError` says. */
  readonly body: AsyncIterable<Uint8Array>
}

/** The connections of one client to one API server. */
export interface Connection {
  /** One try. @throws SlipwayError as `networkError` says; the signal's reason when it is aborted. */
  exchange(request: Request, signal: AbortSignal): Promise<Reply>
  /** Breaks off whatever is under way. */
  close(): Promise<void>
}

/** ms */
export const connectTimeout = 10_000
const answerTimeout = 15_000

/** Connects when there is something to ask. */
export async function openConnection(access: ApiAccess, way: Way): Promise<Connection> {
  // Loading it takes longer than all else that a command does which asks no cluster.
  const undici = await import('undici')
  const { origin, pathname } = new URL(access.server)
  const dispatcher = dispatcherTo(undici, access, way)
  return {
    async exchange({ method, path, body, type, silence = answerTimeout }, signal) {
      try {
        const reply = await dispatcher.request({
          origin,
          method,
          path: `${pathname === '/' ? '' : pathname}${path}`,
          headers: {
            accept: 'application/json',
            'user-agent': 'slipway',
            ...(access.authorization !== null && { authorization: access.authorization }),
            ...(body !== undefined && { 'content-type': type ?? 'application/json' }),
          },
          body: body ?? null,
          signal,
          headersTimeout: answerTimeout,
          bodyTimeout: silence,
        })
        return {
          status: reply.statusCode,
          retryAfter: retryAfterOf(reply.headers['retry-after']),
          body: pieces(reply.body, access.server, signal),
        }
      } catch (error) {
        signal.throwIfAborted()
        throw networkError(error, access.server)
      }
    },
    close: () => dispatcher.destroy(),
  }
}

function dispatcherTo(undici: typeof Undici, access: ApiAccess, way: Way): Undici.Dispatcher {
  const tls = tlsOptions(access)
  if (way.kind === 'direct' && access.proxy !== null)
    return new undici.ProxyAgent({
      uri: access.proxy,
      connectTimeout,
      requestTls: tls,
      // A broken connection then ends one request, and not all that share it.
      proxyTls: { allowH2: false },
    })
  const connect = undici.buildConnector({
    ...tls,
    timeout: connectTimeout,
    ...(way.kind === 'socket' && { socketPath: way.path }),
  })
  const { servername } = tls
  return new undici.Pool(new URL(access.server).origin, {
    allowH2: false,
    // The name that is asked for would be that of the URL.
    connect: (options, callback) => connect({ ...options, ...(servername !== undefined && { servername }) }, callback),
  })
}

export function tlsOptions({ server, ca, certificate, tlsServerName, insecure }: ApiAccess) {
  const name = tlsServerName ?? hostOfUrl(server)
  return {
    allowH2: false,
    rejectUnauthorized: !insecure,
    // An address is no name that can be asked for, and the certificate must still be for it.
    checkServerIdentity: (_host: string, shown: PeerCertificate) => checkServerIdentity(name, shown),
    ...(isIP(name) === 0 && { servername: name }),
    ...(ca !== null && { ca }),
    ...(certificate && { cert: certificate.certificate, key: certificate.key }),
  } satisfies Undici.buildConnector.BuildOptions
}

async function* pieces(
  body: AsyncIterable<Uint8Array>,
  server: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body
  } catch (error) {
    signal.throwIfAborted()
    throw networkError(error, server)
  }
}

/** Seconds, or a date. */
function retryAfterOf(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}
