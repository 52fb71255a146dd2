import { connect, Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { SlipwayError } from '../domain/errors.ts'
import type { ApiAccess } from './apiAccess.ts'
import { connectTimeout, tlsOptions, type Way } from './connection.ts'
import { networkError } from './networkErrors.ts'
import { within } from './within.ts'

/**
 * A TLS connection to the API server that is the caller's alone: for what is no question with an answer.
 * @throws SlipwayError as `networkError` says; the signal's reason when it is aborted.
 */
export async function openApiSocket(access: ApiAccess, way: Way, signal: AbortSignal): Promise<TLSSocket> {
  const late = () =>
    networkError(Object.assign(new Error('no connection in time'), { code: 'UND_ERR_CONNECT_TIMEOUT' }), access.server)
  return within(connectTimeout, signal, limited => open(access, way, limited), late).catch((error: unknown) => {
    signal.throwIfAborted()
    throw error instanceof SlipwayError ? error : networkError(error, access.server)
  })
}

async function open(access: ApiAccess, way: Way, signal: AbortSignal): Promise<TLSSocket> {
  const { hostname, port } = new URL(access.server)
  const to = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) }
  const plain = await plainSocket(to, access, way, signal)
  const { allowH2: _, ...options } = tlsOptions(access)
  const secure = connectTls({ ...options, ...(plain ? { socket: plain } : to), ALPNProtocols: ['http/1.1'] })
  return opened(secure, 'secureConnect', signal).catch((error: unknown) => {
    plain?.destroy()
    throw error
  })
}

/** What TLS is spoken through; null: it connects by itself. */
async function plainSocket(
  { host, port }: { readonly host: string; readonly port: number },
  { proxy }: ApiAccess,
  way: Way,
  signal: AbortSignal,
): Promise<Socket | null> {
  if (way.kind === 'socket') return opened(connect(way.path), 'connect', signal)
  return proxy === null ? null : throughProxy(proxy, `${host.includes(':') ? `[${host}]` : host}:${port}`, signal)
}

async function throughProxy(proxy: string, target: string, signal: AbortSignal): Promise<Socket> {
  const { Client } = await import('undici')
  const { username, password, origin } = new URL(proxy)
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const client = new Client(origin, { allowH2: false, connect: { timeout: connectTimeout } })
  const { statusCode, socket } = await client.connect({
    path: target,
    signal,
    headers: { host: target, ...(username !== '' && { 'proxy-authorization': `Basic ${login}` }) },
  })
  if (statusCode === 200 && socket instanceof Socket) return socket
  socket.destroy()
  throw new Error(`the proxy answers with ${statusCode}`)
}

function opened<Kind extends Socket>(socket: Kind, event: string, signal: AbortSignal): Promise<Kind> {
  const { promise, resolve, reject } = Promise.withResolvers<Kind>()
  const onAbort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  socket.once(event, () => resolve(socket))
  socket.on('error', reject)
  return promise.finally(() => signal.removeEventListener('abort', onAbort))
}
