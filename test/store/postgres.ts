import { chmod, cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import { type Companion, startCompanion } from '../../src/processes/companion.ts'
import { databaseAccount } from '../../src/store/embedded/account.ts'
import { findPrograms } from '../../src/store/embedded/programs.ts'
import { migrateUp } from '../../src/store/migrations.ts'
import { openDatabase } from '../../src/store/openStore.ts'
import { freePort } from '../freePort.ts'
import { seedDatabase } from './databaseTemplate.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/** A PostgreSQL server on a temporary folder, for tests: own port on 127.0.0.1, gone when stopped. */
export interface PostgresServer {
  readonly port: number
  /** Makes an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>
  dropDatabase(name: string): Promise<void>
  /** As dump and restore do: tables made anew, and every row of the other ones in them. */
  copyDatabase(from: string, to: string): Promise<void>
  /** Stops it at once, as an administrator would (connections are cut), and starts it again. */
  restart(): Promise<void>
  halt(): Promise<void>
  /** A server that was made from this one's files, and repeats what this one writes; gone when it is stopped. */
  standby(): Promise<{ readonly port: number; stop(): Promise<void> }>
  resume(): Promise<void>
  stop(): Promise<void>
}

export async function startPostgres(): Promise<PostgresServer> {
  const folder = temporaryFolder('server')
  await seedDatabase(folder, 'server')
  const { port, start, halt, stop } = await startServer(folder)
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url(port, 'postgres') })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  return {
    port,
    async createDatabase(name) {
      await admin(`CREATE DATABASE "${name}"`)
      return url(port, name)
    },
    dropDatabase: name => admin(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
    copyDatabase: (from, to) => copyRows(url(port, from), url(port, to)),
    async restart() {
      await halt()
      await start()
    },
    halt,
    resume: start,
    async standby() {
      const copy = temporaryFolder('standby')
      await halt()
      await cp(join(folder, 'postgresql'), join(copy, 'postgresql'), { recursive: true })
      await chmod(join(copy, 'postgresql'), 0o700)
      await start()
      await writeFile(join(copy, 'postgresql', 'standby.signal'), '')
      return startServer(copy)
    },
    stop,
  }
}

/** Of the database in this folder. */
async function startServer(folder: string) {
  const programs = findPrograms(folder)
  const port = await freePort()
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200']
  let server: Companion | undefined
  const start = async (): Promise<void> => {
    const ready = Promise.withResolvers<void>()
    let said = ''
    server = await startCompanion(programs.postgres, ['-D', '.', ...settings.flatMap(setting => ['-c', setting])], {
      directory: join(folder, 'postgresql'),
      environment: programs.environment,
      before: databaseAccount().before,
      // With the test process, however it ends, the server ends too.
      signalAtOurEnd: 'INT',
      onStderr: text => {
        said += text
        if (/ready to accept (?:read-only )?connections/.test(said)) ready.resolve()
      },
    })
    void server.silent.then(() => ready.reject(new Error(`PostgreSQL ended at its start: ${said}`)))
    await ready.promise
  }
  const halt = async (): Promise<void> => {
    server?.signal('SIGINT')
    await server?.ended
  }
  const stop = async (): Promise<void> => {
    await halt()
    await rm(folder, { recursive: true, force: true })
  }
  await start()
  return { port, start, halt, stop }
}

const url = (port: number, database: string): string => `postgres://slipway@127.0.0.1:${port}/${database}`

async function copyRows(from: string, to: string): Promise<void> {
  const [source, target] = await Promise.all(
    [from, to].map(location => openDatabase({ url: location, connections: 1 })),
  )
  if (!source || !target) throw new Error('two databases were expected')
  try {
    await migrateUp(target.database)
    const { rows: tables } = await sql<{ name: string; columns: string[] }>`
      SELECT table_name AS name, array_agg(column_name::text) AS columns FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name NOT IN ('schema_migrations', 'schema_functions') AND is_generated = 'NEVER'
      GROUP BY table_name`.execute(source.database)
    await sql`SET session_replication_role = replica`.execute(target.database)
    for (const { name, columns } of tables) {
      const { rows } = await sql<{ all: string }>`
        SELECT coalesce(json_agg(one), '[]')::text AS all FROM ${sql.table(name)} AS one`.execute(source.database)
      const list = sql.join(columns.map(column => sql.ref(column)))
      await sql`INSERT INTO ${sql.table(name)} (${list}) OVERRIDING SYSTEM VALUE
        SELECT ${list} FROM json_populate_recordset(NULL::${sql.table(name)}, ${rows[0]?.all}::json)`.execute(
        target.database,
      )
    }
  } finally {
    await Promise.all([source.close(), target.close()])
  }
}
