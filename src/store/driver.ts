import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import { SlipwayError } from '../domain/errors.ts'
import { isDatabaseAway } from '../engine/contract/databaseAway.ts'
import { translateDatabaseError } from './databaseErrors.ts'
import { refuseQueryOutsideTransaction } from './transactionGuard.ts'

/** One connection, taken for a query or a transaction. */
export interface Session {
  query(sql: string, parameters: readonly unknown[]): Promise<SessionResult>
  /** Gives the connection back; with an error, it is not used again. */
  release(broken?: Error): void
}

export interface SessionResult {
  readonly rows: readonly unknown[]
  readonly affected?: number | undefined
}

/** What a database has to offer so that Kysely can speak through it. */
export interface Connector {
  session(): Promise<Session>
  close(): Promise<void>
}

/** Of a read. A database that dies again as soon as it is back is started again for six times at most. */
const mostRepeats = 6

class Connection implements DatabaseConnection {
  readonly #connector: Connector
  /** Null once it was given back. */
  #session: Session | null
  broken: Error | undefined
  inTransaction = false

  constructor(connector: Connector, session: Session) {
    this.#connector = connector
    this.#session = session
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    for (let repeats = mostRepeats; ; repeats--) {
      try {
        return await this.#execute<Row>(query)
      } catch (error) {
        if (repeats === 0 || !this.#mayRepeat(query, error)) throw error
      }
      await this.#takeAnother()
    }
  }

  async #takeAnother(): Promise<void> {
    // Given back before another one is asked for: where all wait for one, nobody has one.
    this.release()
    this.#session = await this.#connector.session().catch((error: unknown) => {
      throw translateDatabaseError(error)
    })
    this.broken = undefined
  }

  release(): void {
    this.#session?.release(this.broken)
    this.#session = null
  }

  async #execute<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (!this.#session) throw new Error('a query on a connection that was given back')
    try {
      const { rows, affected } = await this.#session.query(query.sql, query.parameters)
      // The row type is Kysely's promise about the statement it compiled; this is the door where it is taken.
      return { rows: rows as Row[], ...(affected !== undefined && { numAffectedRows: BigInt(affected) }) }
    } catch (error) {
      const translated = translateDatabaseError(error)
      if (isDatabaseAway(translated)) this.broken = translated
      throw translated
    }
  }

  /** A connection that broke under a read: it is asked again on another one. Of a write nobody knows whether it is done. */
  #mayRepeat({ query }: CompiledQuery, error: unknown): boolean {
    return !this.inTransaction && this.broken !== undefined && query.kind === 'SelectQueryNode' && !isTimeout(error)
  }

  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    yield await Promise.reject(new Error('results are paged here, not streamed'))
  }
}

/** Who was waited for once is not waited for again. */
const isTimeout = (error: unknown): boolean =>
  error instanceof SlipwayError && error.message.includes('Query read timeout')

class ConnectorDriver implements Driver {
  readonly #connector: Connector
  readonly #connections = new WeakMap<DatabaseConnection, Connection>()

  constructor(connector: Connector) {
    this.#connector = connector
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    refuseQueryOutsideTransaction()
    try {
      const connection = new Connection(this.#connector, await this.#connector.session())
      this.#connections.set(connection, connection)
      return connection
    } catch (error) {
      throw translateDatabaseError(error)
    }
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    const own = this.#connections.get(connection)
    if (own) own.inTransaction = true
    await connection.executeQuery(CompiledQuery.raw('begin'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#connections.get(connection)?.broken) return
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.#connections.get(connection)?.release()
  }

  async destroy(): Promise<void> {
    await this.#connector.close()
  }
}

/** Kysely over a connector; in the language of PostgreSQL. */
export function kyselyOver<Tables>(connector: Connector): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new ConnectorDriver(connector),
    createIntrospector: database => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
  return new Kysely<Tables>({ dialect })
}
