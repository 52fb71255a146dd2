import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { readBootstrapData } from './bootstrap-data.ts'
import { signRequest } from './certificates.ts'
import { encryptionStatus } from './encryption.ts'
import type { EtcdClient } from './etcd-client.ts'
import { at, list, texts } from './json.ts'
import type { KubernetesApi } from './kubernetes-api.ts'
import { explain, log } from './log.ts'
import { kubeletSubject } from './node.ts'
import { PasswordRejected, verifyNodePassword } from './node-password.ts'
import type { Paths } from './paths.ts'
import type { Settings } from './settings.ts'

// The port that joins go to. Who may ask for what:
//   everybody   /cacerts /ping
//   user node (agent token, or server token where there is no other) and nodes' certificates: what an agent needs
//   user server (server token): bootstrap data, etcd members, token rotation
//   either of them: a kubelet's certificates, after the node's password

export const supervisorPort = 9345

export interface Passwords {
  server: string
  node: string
}

/** What the supervisor shares with the rest of a running server; `api` and `etcd` appear when they serve. */
export interface Cluster {
  passwords: Passwords
  etcd: EtcdClient | undefined
  api: KubernetesApi | undefined
  rotateToken: (newPassword: string) => Promise<void>
  /** Rotates the encryption keys; resolves when all secrets are written anew. */
  rotateKeys: () => Promise<void>
}

class Denied extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

type Group = 'server' | 'agent' | 'nodes'

function need<T>(part: T | undefined): T {
  if (part === undefined) throw new Denied(503, 'starting')
  return part
}

export function startSupervisor(paths: Paths, settings: Settings, cluster: Cluster): Promise<{ close: () => void }> {
  const file = (name: string) => readFileSync(join(paths.tls, name), 'utf8')

  function groupOf(request: IncomingMessage): { group: Group; certificateNode?: string } {
    const socket = request.socket
    if (socket instanceof TLSSocket && socket.authorized) {
      const { subject } = socket.getPeerCertificate()
      const organizations = [subject?.O].flat()
      const name = /^system:node:(.+)$/.exec([subject?.CN].flat()[0] ?? '')?.[1]
      if (organizations.includes('system:nodes') && name !== undefined) return { group: 'nodes', certificateNode: name }
    }
    const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ')
    if (scheme !== 'Basic') throw new Denied(403, 'forbidden')
    const credentials = Buffer.from(encoded, 'base64').toString()
    if (credentials === `server:${cluster.passwords.server}`) return { group: 'server' }
    if (credentials === `node:${cluster.passwords.node}`) return { group: 'agent' }
    throw new Denied(401, 'not authorized')
  }

  async function nodeOf(request: IncomingMessage, certificateNode: string | undefined): Promise<string> {
    const name = request.headers['rke2-node-name']
    const password = request.headers['rke2-node-password']
    if (typeof name !== 'string' || typeof password !== 'string') throw new Denied(400, 'node name or password not set')
    if (certificateNode !== undefined && certificateNode !== name)
      throw new Denied(403, 'header node name does not match auth node name')
    await verifyNodePassword(need(cluster.api), name, password)
    return name
  }

  async function sign(
    request: IncomingMessage,
    certificateNode: string | undefined,
    serving: boolean,
  ): Promise<string> {
    const node = await nodeOf(request, certificateNode)
    const authority = serving ? 'server-ca' : 'client-ca'
    const addresses = String(request.headers['rke2-node-ip'] ?? '')
      .split(',')
      .filter(address => isIP(address) !== 0)
    const certificate = await signRequest(
      await bodyOf(request),
      { stem: join(paths.tls, authority) },
      kubeletSubject(serving ? 'serving' : 'client', node, addresses),
    )
    return certificate + file(`${authority}.crt`)
  }

  async function answer(request: IncomingMessage, path: string): Promise<string> {
    if (path === '/ping') return 'pong'
    if (path === '/cacerts') return file('server-ca.crt')
    const { group, certificateNode } = groupOf(request)
    if (request.method === 'POST') {
      if (path === '/v1-rke2/client-kubelet.crt') return sign(request, certificateNode, false)
      if (path === '/v1-rke2/serving-kubelet.crt') return sign(request, certificateNode, true)
    }
    if (group === 'server') {
      if (path === '/v1-rke2/server-bootstrap') return readBootstrapData(paths)
      if (path === '/db/info') return JSON.stringify({ members: await need(cluster.etcd).members(false) })
      if (path === '/v1-rke2/token' && request.method === 'PUT') {
        await cluster.rotateToken((await bodyOf(request)).trim())
        return ''
      }
      if (path === '/v1-rke2/encrypt/status') return encryptionStatus(paths, need(cluster.api))
      if (path === '/v1-rke2/encrypt/config' && request.method === 'PUT') {
        await cluster.rotateKeys()
        return ''
      }
      throw new Denied(403, 'forbidden')
    }
    if (path === '/v1-rke2/readyz') return need(cluster.api) && 'ok'
    if (path === '/v1-rke2/config') return JSON.stringify(settings.shared)
    if (path === '/v1-rke2/apiservers') return JSON.stringify(await apiServers(need(cluster.api)))
    if (path === '/v1-rke2/client-ca.crt') return file('client-ca.crt')
    if (path === '/v1-rke2/server-ca.crt') return file('server-ca.crt')
    throw new Denied(404, 'not found')
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'https://supervisor').pathname
    try {
      response.end(await answer(request, path))
    } catch (error) {
      const status = error instanceof Denied ? error.status : error instanceof PasswordRejected ? 403 : 500
      if (status !== 503)
        log.error(`Sending HTTP ${status} response to ${request.socket.remoteAddress} for ${path}: ${explain(error)}`)
      response.statusCode = status
      response.end(explain(error))
    }
  }

  const server = createServer(
    {
      cert: file('serving-kube-apiserver.crt'),
      key: file('serving-kube-apiserver.key'),
      ca: file('client-ca.crt'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => void handle(request, response),
  )
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(supervisorPort, () => {
      log.info(`Supervisor is listening on :${supervisorPort}`)
      resolve({ close: () => server.close() })
    })
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const piece of request) body += piece
  return body
}

/** Addresses of all API servers that are alive, as Kubernetes itself keeps them. */
export async function apiServers(api: KubernetesApi): Promise<string[]> {
  const slice = await api.get('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes')
  return list(at(slice, 'endpoints')).flatMap(endpoint => texts(at(endpoint, 'addresses')))
}
