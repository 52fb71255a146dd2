import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Migration, readMigrations } from '../../src/postgres/migrations/files.ts'
import { openPostgres, type PostgresTarget } from '../../src/postgres/session.ts'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'

export interface Scratch {
  readonly server: PostgresServer
  /** An empty database, as a superuser. */
  readonly target: PostgresTarget
  execute(sql: string): Promise<void>
  /** One column of what a query gives, as texts. */
  column(sql: string): Promise<(string | null)[]>
}

/** A server for the file, and an empty database on it for each test. */
export function scratchDatabases(): Scratch {
  let server: PostgresServer
  let target: PostgresTarget
  let count = 0
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())
  beforeEach(async () => {
    const database = `scratch${++count}`
    await server.createDatabase(database)
    const tls = { mode: 'off' } as const
    target = { host: '127.0.0.1', port: server.port, user: 'slipway', password: '', database, tls, connect: null }
  })
  return {
    get server() {
      return server
    },
    get target() {
      return target
    },
    async execute(sql) {
      await using session = await openPostgres(target, new AbortController().signal)
      await session.run(sql)
    },
    async column(sql) {
      await using session = await openPostgres(target, new AbortController().signal)
      const rows = await session.rows<Record<string, unknown>>(sql)
      return rows.map(row => {
        const [value = null] = Object.values(row)
        return value === null ? null : String(value)
      })
    },
  }
}

/** Of a folder, its files by their names. */
export function migrationsOf(texts: Readonly<Record<string, string>>): readonly Migration[] {
  const files = Object.entries(texts).map(([path, text]) => ({ path, contents: Buffer.from(text) }))
  const reading = readMigrations(files)
  if (!reading.ok) throw new Error(reading.faults.map(({ message }) => message).join('; '))
  return reading.migrations
}
