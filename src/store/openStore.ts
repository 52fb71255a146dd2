import type { RunRecords } from '../engine/records.ts'
import { SlipwayError } from '../domain/errors.ts'
import { openingFailure, readyDatabaseFolder } from './databaseFolder.ts'
import { type Connector, kyselyOver } from './driver.ts'
import { lockFolder } from './folderLock.ts'
import { folderHome, type Home, type Installation, serverHome, settleIdentity } from './identity.ts'
import { migrateUp } from './migrations.ts'
import { createNotices, type Notices } from './notices.ts'
import { connectPglite } from './pglite.ts'
import { runRecords } from './runRecords.ts'
import type { Database, DatabaseTransaction, Tables } from './tables.ts'
import { transaction } from './transaction.ts'

/** Where the records are: embedded in a data folder, or in a PostgreSQL database. */
export type StoreLocation = { readonly folder: string } | { readonly url: string; readonly connections?: number }

export interface Store {
  readonly kind: 'pglite' | 'postgres'
  /** For the repositories of this folder: `readCluster(store.database, name)`. */
  readonly database: Database
  readonly installation: Installation
  /** The engine's port on this store. */
  readonly records: RunRecords
  /** Resolves when an embedded database has died; it does not come back in this process. */
  readonly died: Promise<SlipwayError>
  transaction<T>(work: (tx: DatabaseTransaction) => Promise<T>): Promise<T>
  /** Tells those who find the folder in use under which URL they reach this process. Nothing on PostgreSQL. */
  announce(url: string): void
  /** Waits for what is under way and gives the folder's lock back. */
  close(): Promise<void>
}

/**
 * Opens the store, migrated to this version's schema.
 * @throws SlipwayError `folder-in-use`, `folder-unusable`, `database-damaged`, `database-unavailable`,
 *   `database-newer`.
 */
export async function openStore(location: StoreLocation): Promise<Store> {
  const raw = await openDatabase(location)
  try {
    await migrateUp(raw.database)
    const { database } = raw
    const installation = await settleIdentity(database, raw.home)
    return {
      kind: raw.kind,
      database,
      installation,
      died: raw.died,
      records: runRecords(database, raw.notices, raw.kind === 'pglite'),
      transaction: work => transaction(database, work),
      announce: raw.announce,
      close: raw.close,
    }
  } catch (error) {
    await raw.close()
    throw error
  }
}

export interface RawDatabase {
  readonly kind: Store['kind']
  readonly database: Database
  readonly notices: Notices
  readonly home: Home
  readonly died: Promise<SlipwayError>
  announce(url: string): void
  close(): Promise<void>
}

/** The database as it is, locked but not migrated: for `slipway db migrate`. */
export async function openDatabase(location: StoreLocation): Promise<RawDatabase> {
  const notices = createNotices()
  if ('url' in location) {
    const { connectPostgres } = await import('./postgres.ts')
    const connector = await connectPostgres({
      url: location.url,
      connections: location.connections ?? 10,
      onNotification: notices.receive,
      onListening: notices.wakeAll,
    })
    const nowhere = { announce: () => {}, died: new Promise<never>(() => {}) }
    return { kind: 'postgres', home: serverHome, notices, ...nowhere, ...overKysely(connector, () => {}) }
  }
  const lock = lockFolder(location.folder)
  try {
    const { path, opened } = readyDatabaseFolder(location.folder)
    const death = Promise.withResolvers<SlipwayError>()
    const died = (cause: Error): void => death.resolve(deathOf(cause))
    const connector = await connectPglite(path, notices.receive, died).catch((cause: Error) => {
      throw openingFailure(path, cause)
    })
    opened()
    return {
      kind: 'pglite',
      home: folderHome(location.folder),
      notices,
      died: death.promise,
      announce: lock.announce,
      ...overKysely(connector, lock.release),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const deathOf = (cause: Error): SlipwayError =>
  new SlipwayError('database-unavailable', cause.message, {
    cause,
    remedy: 'Look whether the disk is full, and start it again: what was under way goes on then.',
  })

function overKysely(connector: Connector, release: () => void): Pick<RawDatabase, 'database' | 'close'> {
  const database = kyselyOver<Tables>(connector)
  let closing: Promise<void> | undefined
  return {
    database,
    close() {
      // Not database.destroy(): Kysely skips the driver that was never used, and with it the connector.
      closing ??= connector.close().finally(release)
      return closing
    },
  }
}
