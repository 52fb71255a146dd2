import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { connectPostgres } from './postgres.ts'

const patience = { connect: 200, answer: 200, close: 200 }

/** Takes connections and says nothing, as a server does that is stopped or behind a link that loses everything. */
async function silentServer() {
  const connections = new Set<Socket>()
  const server = createServer(connection => connections.add(connection.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `postgres://somebody@127.0.0.1:${address.port}/none`,
    async close() {
      for (const connection of connections) connection.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

it('a server that takes the connection and says nothing is given up', async () => {
  const server = await silentServer()
  await expect(
    connectPostgres({
      server: { url: server.url },
      connections: 1,
      onNotification: () => {},
      onListening: () => {},
      patience,
    }),
  ).rejects.toMatchObject({ code: 'database-unavailable', message: expect.stringContaining('timeout') })
  await server.close()
})
