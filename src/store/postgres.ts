import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Connector } from './driver.ts'
import { channel } from './pgliteMessages.ts'
import { SlipwayError } from '../domain/errors.ts'
import { parsers } from './valueParsers.ts'

const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) => parsers[id] ?? pg.types.getTypeParser(id, format),
}

export interface PostgresOptions {
  readonly url: string
  readonly connections: number
  onNotification(payload: string): void
  /** The listening connection was (re-)made: notifications may have been missed before. */
  onListening(): void
}

/** The URL is never quoted: a password may be in it. */
function requirePostgresUrl(url: string): void {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return
  throw new SlipwayError('usage', 'DATABASE_URL is not the URL of a PostgreSQL database', {
    remedy: 'Write it like postgresql://user:password@host:5432/database, or unset it for the embedded database.',
  })
}

function unavailable(error: unknown): SlipwayError {
  const tries: unknown[] = error instanceof AggregateError ? error.errors : [error]
  const why = tries.map(each => (each instanceof Error ? each.message : String(each))).join('; ')
  return new SlipwayError('database-unavailable', `PostgreSQL: ${why}`, {
    cause: error,
    remedy: 'Check DATABASE_URL (host, port, user, password, database) and whether the database server runs.',
  })
}

/**
 * Connections to a PostgreSQL server, and one more that listens for notifications and is made again
 * when lost.
 * @throws SlipwayError `usage` when this is no URL of PostgreSQL, `database-unavailable` when the first connection fails.
 */
export async function connectPostgres(options: PostgresOptions): Promise<Connector> {
  requirePostgresUrl(options.url)
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections,
    types,
    application_name: 'slipway',
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: 5_000,
    statement_timeout: 60_000,
    keepAlive: true,
  })
  // An idle connection that breaks is dropped by the pool; the next query makes another one.
  pool.on('error', () => {})
  const stop = new AbortController()
  const first = Promise.withResolvers<void>()
  const listening = listen(options, stop.signal, first.resolve, first.reject)
  listening.catch(() => {})
  try {
    await first.promise
  } catch (error) {
    stop.abort()
    await pool.end()
    throw unavailable(error)
  }
  return {
    async session() {
      const client = await pool.connect()
      // Without a listener a connection that is cut in the middle of a transaction would end the process.
      client.on('error', ignore)
      return {
        query: async (sql, parameters) => {
          const result = await client.query<Record<string, unknown>>(sql, [...parameters])
          return { rows: result.rows, affected: result.rowCount ?? undefined }
        },
        release: broken => {
          client.off('error', ignore)
          client.release(broken)
        },
      }
    },
    async close() {
      stop.abort()
      await listening
      await pool.end()
    },
  }
}

const ignore = (): void => {}

async function listen(
  options: PostgresOptions,
  signal: AbortSignal,
  onFirst: () => void,
  onFirstError: (error: unknown) => void,
): Promise<void> {
  let connectedOnce = false
  while (!signal.aborted) {
    const client = new pg.Client({ connectionString: options.url, application_name: 'slipway listen', keepAlive: true })
    const ended = new Promise<void>(resolve => {
      client.on('end', resolve)
      client.on('error', () => resolve())
      signal.addEventListener('abort', () => resolve(), { once: true })
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
      onFirstError(error)
      if (!connectedOnce) return
    }
    await client.end().catch(() => {})
    if (!signal.aborted) await wait(200, undefined, { signal }).catch(() => {})
  }
}
