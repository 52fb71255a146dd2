import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { openStore, type Store, type StoreLocation } from '../../src/store/openStore.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'
import { seedDatabase } from './databaseTemplate.ts'
import { removeDataFolder } from './removeDataFolder.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/** A database of its own for a test; nothing is in it. */
export interface TestDatabase {
  readonly location: StoreLocation
  open(): Promise<Store>
  remove(): Promise<void>
}

export interface DatabaseKind {
  create(): Promise<TestDatabase>
}

/** A data folder for each. */
export const embeddedKind: DatabaseKind = { create: createEmbedded }

export interface ServerKind extends DatabaseKind {
  server(): PostgresServer
}

/** Databases of a server, as DATABASE_URL names one: several processes use one of them at the same time. */
export function serverKind(): ServerKind {
  let server: PostgresServer | null = null
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(async () => {
    await server?.stop()
  })
  const running = (): PostgresServer => {
    if (!server) throw new Error('the server has not been started')
    return server
  }
  return {
    server: running,
    async create() {
      const name = `t${randomUUID()}`
      const location = { url: await running().createDatabase(name) }
      return { location, open: () => openStore(location), remove: () => running().dropDatabase(name) }
    },
  }
}

export async function createEmbedded(): Promise<TestDatabase & { readonly location: { readonly folder: string } }> {
  const folder = temporaryFolder('embedded')
  await seedDatabase(folder, 'empty')
  const location = { folder }
  return { location, open: () => openStore(location), remove: () => removeDataFolder(folder) }
}
