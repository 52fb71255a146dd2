import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as ask } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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
  /** Breaks off all connections. */
  cut(): void
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
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
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
