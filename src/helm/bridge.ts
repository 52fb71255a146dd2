import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { hostOfUrl } from '../domain/addresses.ts'
import type { ApiAccess } from '../kubernetes/apiAccess.ts'
import type { Way } from '../kubernetes/connection.ts'

/** How a program that knows no Unix socket reaches an API server. */
export interface Bridge extends AsyncDisposable {
  readonly access: ApiAccess
}

/**
 * A port of the loopback in front of the socket that leads to the API server. Whoever else connects to it meets the API
 * server, and no login. The straight way needs none.
 */
export async function openBridge(access: ApiAccess, way: Way): Promise<Bridge> {
  if (way.kind === 'direct') return { access, async [Symbol.asyncDispose]() {} }
  const open = new Set<{ destroy(): void }>()
  const server = createServer(from => {
    const to = createConnection(way.path)
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a listening port has a number')
  return {
    access: {
      ...access,
      server: `https://127.0.0.1:${address.port}`,
      // It must still prove to be the server of the URL.
      tlsServerName: access.tlsServerName ?? hostOfUrl(access.server),
      proxy: null,
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
