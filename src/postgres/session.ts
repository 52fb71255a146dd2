import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type pg from 'pg'
import { isAway, isServerError, postgresError } from './errors.ts'

/** A server, and who we are there. */
export interface PostgresTarget {
  /** Its name or address; also where `connect` leads there, since its certificate is for that. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /**
   * `off`; `prefer`: where the server offers it, without looking at its certificate, as libpq does by itself; `require`:
   * the same, and not without; `verify`: its certificate is one of `ca` (PEM) for `host`.
   */
  readonly tls: { readonly mode: 'off' | 'prefer' | 'require' } | { readonly mode: 'verify'; readonly ca: string }
  /** The way there, for each connection; null: by TCP. A stream as `openPortForward` gives it. */
  readonly connect: ((signal: AbortSignal) => Promise<Duplex>) | null
}

/** One connection to a database. */
export interface PostgresSession extends AsyncDisposable {
  readonly target: PostgresTarget
  /** Of the process that serves it. */
  readonly pid: number
  /** @throws SlipwayError as `postgresError` says. */
  rows<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>
  /** One text of one or more statements, as it is. @throws StatementFailed for what the server refuses; as `rows` does. */
  run(sql: string): Promise<void>
  /** Everything that statements have set is as it was when it was opened. */
  reset(): Promise<void>
  /** `I` in no transaction, `T` in one, `E` in one that failed; null: not known. */
  state(): 'I' | 'T' | 'E' | null
}

/** What the server says of one of the statements that were sent together. */
export class StatementFailed extends Error {
  readonly answer: pg.DatabaseError
  /** How many were done before it. */
  readonly completed: number

  constructor(answer: pg.DatabaseError, completed: number) {
    super(answer.message, { cause: answer })
    this.answer = answer
    this.completed = completed
  }
}

/** ms */
const connectTimeout = 15_000

/**
 * The session ends with its signal: what the server does then it breaks off, also where this process was killed.
 * @throws SlipwayError as `postgresError` says, as `connect` does, the signal's reason when it is aborted.
 */
export async function openPostgres(target: PostgresTarget, signal: AbortSignal): Promise<PostgresSession> {
  signal.throwIfAborted()
  if (target.tls.mode !== 'prefer') return open(target, signal)
  try {
    return await open({ ...target, tls: { mode: 'require' } }, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (!/does not support SSL/.test(String(error))) throw error
    return open({ ...target, tls: { mode: 'off' } }, signal)
  }
}

/** For messages: `database shop at db-0:5432`. */
export const titleOf = ({ database, host, port }: PostgresTarget): string => `database ${database} at ${host}:${port}`

async function open(target: PostgresTarget, signal: AbortSignal): Promise<PostgresSession> {
  const about = titleOf(target)
  // A command that asks no database must not wait for it.
  const { default: driver } = await import('pg')
  const stream = target.connect === null ? new Socket() : await target.connect(signal)
  const client = new driver.Client({
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: tlsOf(target),
    stream: () => stream,
    application_name: 'slipway',
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
  })
  // What broke it is more than the driver says of it.
  let broken: unknown
  stream.on('error', error => (broken ??= error))
  client.on('error', error => (broken ??= error))
  const failed = (error: unknown): unknown => {
    signal.throwIfAborted()
    return broken ?? error
  }
  // What TLS is spoken through tells it nothing of its own end.
  const cut = () => {
    client.connection.stream.destroy()
    stream.destroy()
  }
  signal.addEventListener('abort', cut, { once: true })
  const close = () => {
    signal.removeEventListener('abort', cut)
    cut()
  }
  try {
    await client.connect()
    await client.query(brokenOffWithUs)
    const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid')
    const ask = async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
      try {
        return (await client.query<Row>(sql, [...values])).rows
      } catch (error) {
        throw postgresError(failed(error), about)
      }
    }
    return {
      target,
      pid: rows[0]?.pid ?? 0,
      rows: ask,
      async reset() {
        for (const text of ['RESET SESSION AUTHORIZATION', 'RESET ROLE', 'RESET ALL', brokenOffWithUs]) await ask(text)
      },
      async run(sql) {
        let completed = 0
        const count = () => (completed += 1)
        client.connection.on('commandComplete', count)
        try {
          await client.query(sql)
        } catch (error) {
          const fault = failed(error)
          const isItsOwn = isServerError(fault) && !isAway(fault)
          throw isItsOwn ? new StatementFailed(fault, completed) : postgresError(fault, about)
        } finally {
          client.connection.off('commandComplete', count)
        }
      },
      state: () => client.getTransactionStatus(),
      async [Symbol.asyncDispose]() {
        const ended = client.end()
        // A server that is frozen never answers a goodbye.
        const timer = setTimeout(cut, 2000)
        await ended.catch(() => {})
        clearTimeout(timer)
        close()
      },
    }
  } catch (error) {
    close()
    throw postgresError(failed(error), about)
  }
}

/** A server knows it since PostgreSQL 14; without it a long statement of somebody who was killed would keep its locks. */
const brokenOffWithUs = `SELECT pg_catalog.set_config(name, '2s', false) FROM pg_catalog.pg_settings
  WHERE name = 'client_connection_check_interval'`

function tlsOf({ tls }: PostgresTarget): pg.ClientConfig['ssl'] {
  if (tls.mode === 'off') return false
  return tls.mode === 'verify' ? { ca: tls.ca, rejectUnauthorized: true } : { rejectUnauthorized: false }
}
