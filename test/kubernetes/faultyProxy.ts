import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as ask } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'
import { createAuthority, ensureLeaf } from '../../lab/rke2/certificates.ts'
import type { ApiAccess } from '../../src/kubernetes/apiAccess.ts'
import type { ControlPlane } from './controlPlane.ts'

/** What is done to one request. */
export type Fault =
  /** An answer that is not the API server's. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  /** Broken off before, or after the API server has done what was asked. */
  | 'reset'
  | 'reset-after'
  /** Told when the API server has done what was asked; then it is broken off. */
  | { readonly done: () => void }
  /** No answer, and the connection stands. */
  | 'silent'
  /** A watch: so many of its events come, then it breaks off, falls silent, or tells this as the last event. */
  | { readonly events: number; readonly ends: 'cut' | 'mute' | object }

export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly isWatch: boolean
}

/** Stands before an API server with a certificate of its own, hands on what it is asked, and fails as a test says. */
export interface FaultyProxy extends AsyncDisposable {
  readonly access: ApiAccess
  /** What came, in order. */
  readonly asked: readonly Asked[]
  /** The fault of a request that has come; undefined: none. */
  faultOf: (request: Asked) => Fault | undefined
  /** Breaks off all connections, but for ports of pods. */
  cut(): void
  /** Breaks off these. */
  cutPorts(): void
}

export async function startFaultyProxy(plane: ControlPlane): Promise<FaultyProxy> {
  const at = (name: string) => join(plane.folder, name)
  await createAuthority(at('proxy-ca'), 'proxy-ca')
  await ensureLeaf(
    at('proxy'),
    { stem: at('proxy-ca') },
    { commonName: 'proxy', uses: ['serverAuth'], names: ['127.0.0.1'] },
  )
  const agent = new Agent({
    keepAlive: true,
    ca: plane.ca,
    cert: readFileSync(at('admin.crt')),
    key: readFileSync(at('admin.key')),
  })
  const asked: Asked[] = []
  const certificate = { cert: readFileSync(at('proxy.crt')), key: readFileSync(at('proxy.key')) }
  const server = createServer(certificate, (request, response) => {
    const path = request.url ?? ''
    const one = { method: request.method ?? '', path, isWatch: path.includes('watch=true') }
    asked.push(one)
    const fault = proxy.faultOf(one)
    if (fault === undefined) handOn(request, answer => hand(answer, response), response)
    else fail(fault, request, response)
  })
  const upgraded = new Set<Duplex>()
  // A port of a pod: what is spoken over it has no faults here.
  server.on('upgrade', (request, socket) => {
    const { method = '', url: path = '', headers: all } = request
    asked.push({ method, path, isWatch: false })
    const { host: _, authorization: __, ...headers } = all
    const onward = ask({ agent, host: '127.0.0.1', port: plane.port, method, path, headers })
    const told = ({ statusCode, statusMessage, rawHeaders }: IncomingMessage) => {
      const lines = rawHeaders.map((part, at) => (at % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('')
      socket.write(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n${lines}\r\n`)
    }
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket)).on('error', () => onward.destroy())
    onward.on('error', () => socket.destroy())
    onward.on('response', answer => {
      told(answer)
      answer.pipe(socket)
    })
    onward.on('upgrade', (answer, other, head) => {
      told(answer)
      socket.write(head)
      socket.on('close', () => other.destroy()).pipe(other)
      for (const event of ['error', 'close']) other.on(event, () => socket.destroy())
      other.pipe(socket)
    })
    onward.end()
  })
  const handOn = (request: IncomingMessage, then: (answer: IncomingMessage) => void, response: ServerResponse) => {
    const { host: _, authorization: __, connection: ___, ...headers } = request.headers
    const { method, url: path } = request
    const onward = ask({ agent, host: '127.0.0.1', port: plane.port, method, path, headers }, then)
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  }
  const hand = (answer: IncomingMessage, response: ServerResponse) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.flushHeaders()
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  }
  const fail = (fault: Fault, request: IncomingMessage, response: ServerResponse) => {
    if (fault === 'reset') response.destroy()
    else if (fault === 'reset-after') handOn(request, () => response.destroy(), response)
    else if (fault === 'silent') request.resume()
    else if ('done' in fault)
      handOn(
        request,
        () => {
          fault.done()
          response.destroy()
        },
        response,
      )
    else if ('status' in fault) {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
      response.end(typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {}))
    } else
      handOn(
        request,
        answer => {
          response.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' })
          response.flushHeaders()
          partly(answer, response, fault)
        },
        response,
      )
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('no port')
  const proxy: FaultyProxy = {
    access: {
      server: `https://127.0.0.1:${bound.port}`,
      ca: readFileSync(at('proxy-ca.crt'), 'utf8'),
      tlsServerName: null,
      insecure: false,
      proxy: null,
      certificate: null,
      authorization: 'Bearer of-the-proxy-alone',
    },
    asked,
    faultOf: () => undefined,
    cut: () => server.closeAllConnections(),
    cutPorts() {
      for (const socket of upgraded) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      proxy.cutPorts()
      server.close()
      agent.destroy()
      await once(server, 'close')
    },
  }
  return proxy
}

function partly(answer: IncomingMessage, response: ServerResponse, fault: Extract<Fault, { events: number }>) {
  let told = 0
  const end = () => {
    if (fault.ends === 'cut') response.destroy()
    else if (fault.ends !== 'mute') response.end(`${JSON.stringify(fault.ends)}\n`)
  }
  if (fault.events === 0) end()
  const lines = createInterface({ input: answer })
  lines.on('line', line => {
    if (told === fault.events) return
    told += 1
    response.write(`${line}\n`, told === fault.events ? end : () => {})
  })
  // It ends when the one it is for has gone.
  lines.on('error', () => {})
}

/** The same fault for the next so many requests that fit; then none. */
export function times(count: number, fault: Fault, fits: (request: Asked) => boolean = () => true) {
  let left = count
  return (request: Asked): Fault | undefined => {
    if (left === 0 || !fits(request)) return undefined
    left -= 1
    return fault
  }
}

/** A Status of the API. */
export const status = (code: number, reason: string, message: string, details: object = {}) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  code,
  reason,
  message,
  details,
})
