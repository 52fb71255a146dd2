import { readFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import type { Server } from 'node:net'
import { log } from './log.ts'
import type { Paths } from './paths.ts'

const kubeletPort = 10_250
const healthPort = 10_248

/**
 * What of a kubelet can be reached: 10250 with its serving certificate, which answers nobody without a certificate of
 * the cluster (401), nor with one of others than the API server and administrators (403); and its health on the loopback.
 */
export async function serveKubelet(paths: Paths): Promise<{ close: () => void }> {
  const file = (name: string) => readFileSync(join(paths.agent, name))
  const kubelet = createServer(
    {
      cert: file('serving-kubelet.crt'),
      key: file('serving-kubelet.key'),
      ca: file('client-ca.crt'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const [status, body] = answer(request.socket, request.url ?? '/')
      response.statusCode = status
      response.end(body)
    },
  )
  const health = createPlainServer((request, response) => {
    response.statusCode = request.url === '/healthz' ? 200 : 404
    response.end(request.url === '/healthz' ? 'ok' : '404 page not found\n')
  })
  await Promise.all([listen(kubelet, kubeletPort), listen(health, healthPort, '127.0.0.1')])
  return {
    close: () => {
      for (const server of [kubelet, health]) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

function answer(socket: unknown, url: string): [number, string] {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return [401, 'Unauthorized']
  const { subject } = socket.getPeerCertificate()
  if (![subject?.O].flat().includes('system:masters')) return [403, 'Forbidden']
  return url === '/healthz' ? [200, 'ok'] : [404, '404 page not found\n']
}

/** A kubelet whose port is taken says so and is started again; here the rest of it goes on. */
function listen(server: Server, port: number, host?: string): Promise<void> {
  return new Promise(resolve => {
    server.once('error', error => {
      log.error(`Kubelet exited: ${error.message}`)
      resolve()
    })
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve)
  })
}
