import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { kyselyOver } from '../../src/store/driver.ts'
import { connectPostgres } from '../../src/store/postgres.ts'
import { serverKind, type TestDatabase } from './databases.ts'

/** A link to a PostgreSQL server that can begin to lose everything, or be cut. */
interface Link {
  readonly port: number
  /** Nothing gets through any more; new connections are taken, and get no answer. */
  freeze(): void
  /** New connections get through again. */
  thaw(): void
  cut(): void
  /** Resolves with the next connection that is made over it. */
  nextConnection(): Promise<void>
  close(): Promise<void>
}

async function linkTo(port: number): Promise<Link> {
  const sockets = new Set<Socket>()
  let frozen = false
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }
  const server = createServer({ allowHalfOpen: true }, near => {
    keep(near)
    if (frozen) return
    const far = keep(connect({ port, host: '127.0.0.1', allowHalfOpen: true }))
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.on('data', data => !frozen && to.write(data)).on('end', () => !frozen && to.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    freeze: () => {
      frozen = true
    },
    thaw: () => {
      frozen = false
    },
    cut,
    nextConnection: async () => void (await once(server, 'connection')),
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

const kind = serverKind()
const patience = { connect: 60_000, answer: 500, close: 500 }
let database: TestDatabase
let link: Link
beforeEach(async () => {
  database = await kind.create()
  link = await linkTo(kind.server().port)
})
afterEach(async () => {
  await link.close()
  await database.remove()
})

const open = () => {
  const url = new URL('url' in database.location ? database.location.url : '')
  url.port = String(link.port)
  return connectPostgres({
    server: { url: url.href },
    connections: 2,
    onNotification: () => {},
    onListening: () => {},
    patience,
  })
}
const secondsOf = async (work: Promise<unknown>): Promise<number> => {
  const before = performance.now()
  await work
  return (performance.now() - before) / 1000
}

it('a query that gets no answer fails as a lost connection, and the next one has a new connection', async () => {
  const connector = await open()
  const database = kyselyOver<Record<string, never>>(connector)
  const one = () => sql<{ one: number }>`select 1 as one`.execute(database)
  await one()
  link.freeze()
  await expect(one()).rejects.toMatchObject({ code: 'database-unavailable' })
  link.thaw()
  expect((await one()).rows).toEqual([{ one: 1 }])
  await connector.close()
})

it('closing does not wait for the goodbye of a frozen server', async () => {
  const connector = await open()
  const session = await connector.session()
  await session.query('select 1', [])
  session.release()
  link.freeze()
  expect(await secondsOf(connector.close())).toBeLessThan(5)
})

it('closing does not wait for a listening connection that is just being made again', async () => {
  const connector = await open()
  link.freeze()
  const again = link.nextConnection()
  link.cut()
  await again
  expect(await secondsOf(connector.close())).toBeLessThan(5)
})
