import { rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { openStore, type Store, type StoreLocation } from '../../src/store/openStore.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'
import { seedPglite } from './pgliteTemplate.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/** A database of its own for a test; nothing is in it. */
export interface TestDatabase {
  readonly location: StoreLocation
  open(): Promise<Store>
  remove(): Promise<void>
}

export interface DatabaseKind {
  readonly name: 'PGlite' | 'PostgreSQL'
  create(): Promise<TestDatabase>
  /** Only with PostgreSQL. */
  server(): PostgresServer
}

/** Runs the same suite over both databases. */
export function overBothDatabases(suite: (kind: DatabaseKind) => void): void {
  describe('on PGlite', () => suite({ name: 'PGlite', create: createPglite, server: noServer }))
  describe('on PostgreSQL', () => suite(postgresKind()))
}

export function postgresKind(): DatabaseKind {
  let server: PostgresServer | null = null
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(async () => {
    await server?.stop()
  })
  const running = (): PostgresServer => server ?? noServer()
  return {
    name: 'PostgreSQL',
    server: running,
    async create() {
      const name = `t${randomUUID()}`
      const location = { url: await running().createDatabase(name) }
      return { location, open: () => openStore(location), remove: () => running().dropDatabase(name) }
    },
  }
}

const noServer = (): never => {
  throw new Error('there is no PostgreSQL server here')
}

export async function createPglite(): Promise<TestDatabase> {
  const folder = temporaryFolder('pglite')
  await seedPglite(folder, 'empty')
  const location = { folder }
  return { location, open: () => openStore(location), remove: () => rm(folder, { recursive: true, force: true }) }
}
