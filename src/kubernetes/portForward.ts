import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { SlipwayError } from '../domain/errors.ts'
import { createRedactor } from '../secrets/redact.ts'
import type { ApiAccess } from './apiAccess.ts'
import { isMissing, statusError } from './apiErrors.ts'
import { openApiSocket } from './apiSocket.ts'
import { secretsOf } from './caller.ts'
import type { Way } from './connection.ts'
import { ForwardedPort } from './forwardedPort.ts'
import { networkError } from './networkErrors.ts'
import { objectPath } from './resource.ts'
import { pods } from './resources.ts'

/** A port of a pod. */
export interface PodPort {
  readonly namespace: string
  readonly pod: string
  readonly port: number
}

/** What kubelets and container runtimes have understood since before Kubernetes 1.20: a channel is the first byte of a message. */
const protocol = 'v4.channel.k8s.io'

/**
 * A connection to a port of a pod, over the API server: one for each call, and no port is listened on. That somebody
 * answers there shows when something is read: until then nobody has tried.
 * @throws SlipwayError as `networkError` and `statusError` say; `port-forward-failed` when there is no such pod.
 */
export async function openPortForward(
  access: ApiAccess,
  way: Way,
  target: PodPort,
  signal: AbortSignal,
): Promise<ForwardedPort> {
  const about = `Pod ${target.namespace}/${target.pod}, port ${target.port}`
  // Nobody but who forwards a port waits until it is loaded.
  const { WebSocket } = await import('ws')
  const socket = await openApiSocket(access, way, signal)
  // An idle connection is forgotten by firewalls, and one whose other end is gone would never end.
  socket.setKeepAlive(true, 30_000)
  const path = objectPath(pods, { namespace: target.namespace, name: target.pod }, 'portforward')
  const url = `${access.server.replace(/^http/, 'ws')}${path}?ports=${target.port}`
  const webSocket = new WebSocket(url, protocol, {
    createConnection: () => socket,
    perMessageDeflate: false,
    followRedirects: false,
    handshakeTimeout: 15_000,
    headers: {
      'user-agent': 'slipway',
      ...(access.authorization !== null && { authorization: access.authorization }),
    },
  })
  const { promise, resolve, reject } = Promise.withResolvers<ForwardedPort>()
  webSocket
    // What comes right behind must not come before anybody listens.
    .once('open', () => resolve(new ForwardedPort(webSocket, about)))
    .on('error', reject)
    .once('unexpected-response', (_request, response: IncomingMessage) => {
      refusal(response, about, access).then(reject, reject)
    })
  const onAbort = () => webSocket.terminate()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } catch (error) {
    webSocket.terminate()
    socket.destroy()
    signal.throwIfAborted()
    throw error instanceof SlipwayError ? error : networkError(error, access.server)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What the API server says of a port that it does not forward. */
async function refusal(response: IncomingMessage, about: string, access: ApiAccess): Promise<SlipwayError> {
  const answer = { status: response.statusCode ?? 0, retryAfter: null, text: await text(response) }
  const error = statusError(answer, about, createRedactor(secretsOf(access)).redact)
  return isMissing(error) ? new SlipwayError('port-forward-failed', `${about}: there is no such pod`) : error
}
