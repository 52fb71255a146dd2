import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { explain, log } from './log.ts'

export interface LoadBalancer {
  port: number
  /** Replaces the servers; connections to a server that is gone are cut. */
  setServers(addresses: readonly string[]): void
  close(): void
}

const patience = 1500
const checkPause = 1000
/** A server that failed this many checks in a row loses its connections, so that clients open new ones elsewhere. */
const allowedFailures = 3

function reach(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    socket.setTimeout(patience, () => socket.destroy(new Error('timed out')))
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.removeListener('error', reject)
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', cause => reject(new Error(`listen tcp ${host}:${port}: bind`, { cause })))
    server.listen(port, host, resolve)
  })
}

/**
 * Listens on 127.0.0.1 and [::1], and passes each connection to the first of the servers that can be reached on
 * `targetPort`. Throws where somebody else listens there.
 */
export async function startLoadBalancer(
  port: number,
  targetPort: number,
  servers: readonly string[],
): Promise<LoadBalancer> {
  let order = [...servers]
  const open = new Map<string, Set<Socket>>()
  const stopped = new AbortController()

  async function reachAny(): Promise<{ socket: Socket; host: string }> {
    let last: unknown = new Error('no servers are known')
    for (const host of order) {
      try {
        return { socket: await reach(host, targetPort), host }
      } catch (error) {
        last = error
        order = [...order.filter(other => other !== host), host]
      }
    }
    throw last
  }

  function join(client: Socket, target: Socket, host: string): void {
    const sockets = open.get(host) ?? new Set()
    open.set(host, sockets.add(target))
    client.pipe(target).pipe(client)
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => {
        other.destroy()
        sockets.delete(target)
      })
    }
  }

  const accept = (client: Socket) => {
    client.on('error', () => client.destroy())
    reachAny().then(
      ({ socket, host }) => (client.destroyed ? socket.destroy() : join(client, socket, host)),
      () => client.destroy(),
    )
  }
  const server: Server = createServer(accept)
  const server6: Server = createServer(accept)

  async function watch(): Promise<void> {
    const failures = new Map<string, number>()
    while (!stopped.signal.aborted) {
      await delay(checkPause, undefined, { signal: stopped.signal }).catch(() => undefined)
      for (const [host, sockets] of open) {
        if (sockets.size === 0) continue
        const failed = await reach(host, targetPort).then(
          socket => {
            socket.destroy()
            return 0
          },
          () => (failures.get(host) ?? 0) + 1,
        )
        failures.set(host, failed)
        if (failed < allowedFailures) continue
        log.warn(`Server ${host}:${targetPort} failed its checks; closing ${sockets.size} connections to it`)
        for (const socket of sockets) socket.destroy()
      }
    }
  }

  await listen(server, port, '127.0.0.1')
  const address: AddressInfo | string | null = server.address()
  // A host whose kernel has no IPv6 has no such loopback either.
  await listen(server6, typeof address === 'object' && address !== null ? address.port : port, '::1').catch(error => {
    if (!/EADDRNOTAVAIL|EAFNOSUPPORT/.test(explain(error))) throw error
  })
  void watch()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    setServers: addresses => {
      const kept = order.filter(host => addresses.includes(host))
      order = [...kept, ...addresses.filter(host => !kept.includes(host))]
      for (const [host, sockets] of open) {
        if (!order.includes(host)) for (const socket of sockets) socket.destroy()
      }
    },
    close: () => {
      stopped.abort()
      server.close()
      server6.close()
      for (const sockets of open.values()) for (const socket of sockets) socket.destroy()
    },
  }
}
