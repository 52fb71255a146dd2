import { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { type Comeback, isAway, untilBack } from './comeback.ts'
import type { Connector } from './driver.ts'
import { channel } from './notices.ts'
import { SlipwayError } from '../domain/errors.ts'
import { serverRefusal } from './serverRefusals.ts'
import { parsers } from './valueParsers.ts'

const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) => parsers[id] ?? pg.types.getTypeParser(id, format),
}

/** A server by its URL, or the embedded one by the folder of its socket. */
export type PostgresServer =
  | { readonly url: string }
  | { readonly socketFolder: string; readonly user: string; readonly database: string }

export interface PostgresOptions {
  readonly server: PostgresServer
  readonly connections: number
  onNotification(payload: string): void
  /** The listening connection was (re-)made: notifications may have been missed before. */
  onListening(): void
  readonly patience?: Patience
  /** Where the database is started again when it dies. */
  readonly comeback?: Comeback
}

/** How long a server that says nothing is waited for, ms. */
export interface Patience {
  readonly connect: number
  /** For the answer to a query. */
  readonly answer: number
  /** For the end of the connections when they are closed. */
  readonly close: number
}

/** The server gives up on a statement by itself, ms. */
const statementLimit = 60_000
/** Where it can't tell us so any more, we do. */
const usualPatience: Patience = { connect: 10_000, answer: statementLimit + 5_000, close: 5_000 }

/** The URL is never quoted: a password may be in it. */
function requirePostgresUrl(url: string): void {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return
  throw new SlipwayError('usage', 'this is not the URL of a PostgreSQL database', {
    remedy:
      'Write it like postgresql://user@host:5432/database, with the password in PGPASSWORD; for the embedded database unset DATABASE_URL.',
  })
}

/** Files that the URL names (sslrootcert, sslcert, sslkey) are read when a client is made. */
function requireParameters(config: pg.ClientConfig): void {
  try {
    void new pg.Client(config)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SlipwayError('usage', `the URL of the database cannot be used: ${why}`, {
      cause,
      remedy: 'Correct what stands behind the ? of the URL: sslmode, sslrootcert, sslcert, sslkey.',
    })
  }
}

export function configOf(server: PostgresServer): pg.ClientConfig {
  if ('url' in server) {
    requirePostgresUrl(server.url)
    const config = { connectionString: server.url }
    requireParameters(config)
    return config
  }
  const { socketFolder, user, database } = server
  // All is said here, so that no variable of the environment (PGPORT, PGSSLMODE …) is asked.
  return { host: socketFolder, port: 5432, user, database, password: '', ssl: false }
}

export function unavailable(error: unknown, server: PostgresServer): SlipwayError {
  const refusal = error instanceof Error ? serverRefusal(error) : null
  if (refusal) return refusal
  const tries: unknown[] = error instanceof AggregateError ? error.errors : [error]
  const why = tries.map(each => (each instanceof Error ? each.message : String(each))).join('; ')
  return new SlipwayError('database-unavailable', `PostgreSQL: ${why}`, {
    cause: error,
    remedy:
      'url' in server
        ? 'Check the URL (host, port, user, password, database) and whether the database server runs.'
        : 'Try again; what the embedded database said is in postgresql.log of the data folder.',
  })
}

/**
 * Connections to a PostgreSQL server, and one more that listens for notifications and is made again
 * when lost.
 * @throws SlipwayError `usage` when this is no URL of PostgreSQL, `database-unavailable` when the first connection fails.
 */
export async function connectPostgres(options: PostgresOptions): Promise<Connector> {
  const patience = options.patience ?? usualPatience
  const sockets = openSockets()
  const config: pg.ClientConfig = {
    ...configOf(options.server),
    connectionTimeoutMillis: patience.connect,
    query_timeout: patience.answer,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  }
  const pool = new pg.Pool({
    ...config,
    stream: sockets.open,
    max: options.connections,
    types,
    application_name: 'slipway',
    idle_in_transaction_session_timeout: 5_000,
    statement_timeout: statementLimit,
  })
  // An idle connection that breaks is dropped by the pool; the next query makes another one.
  pool.on('error', ignore)
  // Whoever has it hears that it broke from his statement. Without a listener it would end the process, also in the
  // middle of a transaction, and after it was given back.
  pool.on('connect', client => client.on('error', ignore))
  const stop = new AbortController()
  const first = Promise.withResolvers<void>()
  const listening = listen(config, options, stop.signal, first.resolve, first.reject)
  listening.catch(() => {})
  const close = async (): Promise<void> => {
    stop.abort()
    await listening
    // A server that is frozen, or behind a link that is gone, never answers a goodbye.
    const cut = setTimeout(sockets.destroy, patience.close)
    await pool.end()
    await sockets.closed()
    clearTimeout(cut)
  }
  try {
    await first.promise
  } catch (error) {
    await close()
    throw unavailable(error, options.server)
  }
  return {
    async session() {
      const client = await untilBack(() => pool.connect(), options.comeback)
      return {
        query: async (sql, parameters) => {
          const result = await client.query<Record<string, unknown>>(sql, [...parameters])
          return { rows: result.rows, affected: result.rowCount ?? undefined }
        },
        release: broken => client.release(broken),
      }
    },
    close,
  }
}

const ignore = (): void => {}

/** The sockets of the pool, which at its end says goodbye without waiting for what becomes of it. */
function openSockets(): { open(): Socket; closed(): Promise<unknown>; destroy(): void } {
  const sockets = new Set<Socket>()
  return {
    open() {
      const socket = new Socket()
      sockets.add(socket)
      return socket.once('close', () => sockets.delete(socket))
    },
    closed: () => Promise.all([...sockets].map(socket => new Promise(resolve => socket.once('close', resolve)))),
    destroy() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function listen(
  config: pg.ClientConfig,
  options: PostgresOptions,
  signal: AbortSignal,
  onFirst: () => void,
  onFirstError: (error: unknown) => void,
): Promise<void> {
  let connectedOnce = false
  const began = performance.now()
  let socket: Socket | undefined
  signal.addEventListener('abort', () => socket?.destroy(), { once: true })
  while (!signal.aborted) {
    const own = new Socket()
    socket = own
    const client = new pg.Client({ ...config, application_name: 'slipway listen', stream: () => own })
    const ended = new Promise<void>(resolve => {
      client.on('end', resolve)
      client.on('error', () => resolve())
    })
    client.on('notification', message => options.onNotification(message.payload ?? ''))
    try {
      await client.connect()
      await client.query(`LISTEN ${channel}`)
      connectedOnce = true
      onFirst()
      options.onListening()
      await ended
    } catch (error) {
      // Only the first connection's failure is told; later ones are made again until the store is closed.
      if (!connectedOnce && !isAway(error, began, options.comeback)) return onFirstError(error)
    } finally {
      // Without a goodbye, which a frozen server would never answer.
      own.destroy()
    }
    if (!signal.aborted) await wait(200, undefined, { signal }).catch(() => {})
  }
}
