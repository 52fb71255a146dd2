import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

/** A lock as OpenTofu sends it. */
const lockShape = z.looseObject({ ID: z.string() })
type Lock = z.infer<typeof lockShape>

/**
 * A server of states as the backend `http` describes it: a state at each address, with LOCK and UNLOCK, strict about both. A
 * state that is locked takes only what comes with the ID of its lock.
 */
export interface StateServer extends AsyncDisposable {
  readonly url: string
  readonly user: string
  readonly password: string
  /** By the last part of their addresses. */
  readonly states: Map<string, string>
  readonly locks: Map<string, Lock>
  /** Requests as `METHOD NAME STATUS`. */
  readonly asked: readonly string[]
  /** What it does with requests: null: what they ask for. */
  refuses: ((method: string, name: string) => number | null) | null
}

export async function startStateServer(): Promise<StateServer> {
  const states = new Map<string, string>()
  const locks = new Map<string, Lock>()
  const asked: string[] = []
  const [user, password] = ['states', 'a-word-for-the-states']
  const wanted = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const server: Pick<StateServer, 'refuses'> = { refuses: null }

  async function answer(request: IncomingMessage): Promise<readonly [status: number, body?: string | undefined]> {
    const { method = '', url = '' } = request
    const { pathname, searchParams } = new URL(url, 'http://any')
    const name = pathname.slice(1)
    const body = await text(request)
    const refused = server.refuses?.(method, name) ?? null
    if (refused !== null) return [refused]
    if (request.headers.authorization !== wanted) return [401]
    const lock = locks.get(name)
    switch (method) {
      case 'GET':
        return states.has(name) ? [200, states.get(name)] : [404]
      case 'POST':
        if (lock?.ID !== (searchParams.get('ID') ?? undefined)) return [lock ? 423 : 409, JSON.stringify(lock)]
        states.set(name, body)
        return [200]
      case 'DELETE':
        if (lock) return [423, JSON.stringify(lock)]
        states.delete(name)
        return [200]
      case 'LOCK':
        if (lock) return [423, JSON.stringify(lock)]
        locks.set(name, lockShape.parse(JSON.parse(body)))
        return [200]
      case 'UNLOCK':
        if (!lock || lockShape.parse(JSON.parse(body)).ID !== lock.ID) return [409, JSON.stringify(lock ?? {})]
        locks.delete(name)
        return [200]
      default:
        return [405]
    }
  }

  const http = createServer((request, response: ServerResponse) => {
    void answer(request).then(([status, body]) => {
      asked.push(`${request.method} ${request.url?.slice(1).split('?')[0]} ${status}`)
      response.writeHead(status).end(body)
    })
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  return Object.assign(server, {
    url: `http://127.0.0.1:${port}`,
    user,
    password,
    states,
    locks,
    asked,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
  })
}
