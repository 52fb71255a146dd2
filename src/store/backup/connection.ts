import { Socket } from 'node:net'
import pg from 'pg'
import { configOf, type PostgresServer, unavailable } from '../postgres.ts'

/**
 * A connection beside those of the pool, whose statements may take as long as they take: one that copies tables waits
 * for who reads or writes them.
 * @throws SlipwayError `database-unavailable`.
 */
export async function withCopyConnection<Result>(
  server: PostgresServer,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const { client, end } = await openCopyConnection(server)
  try {
    return await work(client)
  } finally {
    end()
  }
}

export async function openCopyConnection(server: PostgresServer): Promise<{ client: pg.Client; end: () => void }> {
  const socket = new Socket()
  const client = new pg.Client({
    ...configOf(server),
    application_name: 'slipway backup',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    stream: () => socket,
  })
  // What breaks the connection is told to the statement that is under way.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0')
  } catch (error) {
    socket.destroy()
    throw unavailable(error, server)
  }
  // Without a goodbye: in the middle of a copy nobody listens for one.
  return { client, end: () => socket.destroy() }
}
