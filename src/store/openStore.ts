import type { Readable } from 'node:stream'
import type { RunRecords } from '../engine/contract/records.ts'
import type { SlipwayError } from '../domain/errors.ts'
import { isDatabaseAway } from '../engine/contract/databaseAway.ts'
import type { Comeback } from './comeback.ts'
import { type Connector, kyselyOver } from './driver.ts'
import { databaseName, databaseUser } from './embedded/settings.ts'
import { writeBackup } from './backup/writeBackup.ts'
import { restarts, startDatabase } from './embedded/startDatabase.ts'
import type { Versions } from './embedded/versions.ts'
import { lockFolder } from './folderLock.ts'
import { folderHome, type Home, type Installation, serverHome, settleIdentity } from './identity.ts'
import { migrateUp } from './migrations.ts'
import { createNotices, type Notices } from './notices.ts'
import { requireServer } from './requireServer.ts'
import { connectPostgres, type PostgresServer } from './postgres.ts'
import { type AllEvents, allEvents } from './allEvents.ts'
import { runRecords } from './runRecords.ts'
import type { Database, DatabaseTransaction, Tables } from './tables.ts'
import { transaction } from './transaction.ts'

/** Where the records are: embedded in a data folder, of these versions of PostgreSQL, or in a PostgreSQL database. */
export type StoreLocation =
  | { readonly folder: string; readonly versions?: Versions }
  | { readonly url: string; readonly connections?: number }

export interface Store {
  readonly kind: 'embedded' | 'postgres'
  /** For the repositories of this folder: `readCluster(store.database, name)`. */
  readonly database: Database
  readonly installation: Installation
  /** The engine's port on this store. */
  readonly records: RunRecords
  /** Of all runs, in one order. */
  readonly events: AllEvents
  /** Resolves when an embedded database has died; it does not come back in this process. */
  readonly died: Promise<SlipwayError>
  /** All of it as it is at this moment, compressed: see `writeBackup`. */
  backup(version: string): Readable
  transaction<T>(work: (tx: DatabaseTransaction) => Promise<T>): Promise<T>
  /** Tells those who find the folder in use under which URL they reach this process. Nothing on PostgreSQL. */
  announce(url: string): void
  /** Waits for what is under way and gives the folder's lock back. */
  close(): Promise<void>
}

/** Tells people what takes longer than usual. */
export type Report = (message: string) => void

/**
 * Opens the store, migrated to this version's schema.
 * @throws SlipwayError `folder-in-use`, `folder-unusable`, `database-damaged`, `database-foreign`, `database-account`,
 *   `database-unavailable`, `database-newer`, and what `requireServer` finds.
 */
export async function openStore(location: StoreLocation, report: Report = () => {}): Promise<Store> {
  const raw = await openDatabase(location, report)
  try {
    const { database } = raw
    const installation = await prepared(raw)
    await raw.startedWell()
    return {
      kind: raw.kind,
      database,
      installation,
      died: raw.died,
      backup: version => writeBackup(raw.server, version),
      records: runRecords(database, raw.notices, raw.kind === 'embedded'),
      events: allEvents(database, raw.notices),
      transaction: work => transaction(database, work),
      announce: raw.announce,
      close: raw.close,
    }
  } catch (error) {
    await raw.close()
    throw error
  }
}

/** An embedded database that dies meanwhile is started again; each step may be taken again when its answer was lost. */
async function prepared({ kind, database, home }: RawDatabase): Promise<Installation> {
  for (let tries = 1; ; tries++)
    try {
      await migrateUp(database)
      return await settleIdentity(database, home)
    } catch (error) {
      if (!isDatabaseAway(error) || kind !== 'embedded' || tries === restarts.most) throw error
    }
}

export interface RawDatabase {
  readonly kind: Store['kind']
  readonly database: Database
  /** How it is reached by a connection of one's own. */
  readonly server: PostgresServer
  readonly notices: Notices
  readonly home: Home
  readonly died: Promise<SlipwayError>
  /** To be called when it has turned out to be whole: what an embedded one was converted from is removed then. */
  startedWell(): Promise<void>
  announce(url: string): void
  close(): Promise<void>
}

/** The database as it is, locked but not migrated: for `slipway db migrate`. */
export async function openDatabase(location: StoreLocation, report: Report = () => {}): Promise<RawDatabase> {
  return 'url' in location ? openServer(location.url, location.connections ?? 10) : openEmbedded(location, report)
}

async function openServer(url: string, connections: number): Promise<RawDatabase> {
  const notices = createNotices()
  const server = { url }
  const connector = await connect(server, connections, notices)
  const nowhere = { announce: () => {}, startedWell: async () => {}, died: new Promise<never>(() => {}) }
  const opened = overKysely(connector)
  try {
    await requireServer(opened.database, text => notices.once(text))
  } catch (error) {
    await opened.close()
    throw error
  }
  return { kind: 'postgres', server, home: serverHome, notices, ...nowhere, ...opened }
}

/** So many at the same time; each is a process of PostgreSQL. */
const embeddedConnections = 6
/** A database that has died is waited for, ms: less than the lease of a run lasts without being prolonged. */
const restartTime = 8_000

async function openEmbedded(
  { folder, versions }: Extract<StoreLocation, { folder: string }>,
  report: Report,
): Promise<RawDatabase> {
  const lock = lockFolder(folder)
  try {
    const server = await startDatabase(folder, report, versions)
    const notices = createNotices()
    const socket = { socketFolder: server.socketFolder, user: databaseUser, database: databaseName }
    const over = new AbortController()
    void server.died.then(() => over.abort())
    const comeback = { within: restartTime, over: over.signal }
    const connector = await connect(socket, embeddedConnections, notices, comeback).catch(async (error: unknown) => {
      await server.stop()
      throw error
    })
    const release = async (): Promise<void> => {
      await server.stop()
      lock.release()
    }
    return {
      kind: 'embedded',
      server: socket,
      home: folderHome(folder),
      notices,
      died: server.died,
      startedWell: server.startedWell,
      announce: lock.announce,
      ...overKysely(connector, release),
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

const connect = (
  server: PostgresServer,
  connections: number,
  notices: Notices,
  comeback?: Comeback,
): Promise<Connector> =>
  connectPostgres({
    server,
    connections,
    onNotification: notices.receive,
    onListening: notices.wakeAll,
    ...(comeback && { comeback }),
  })

function overKysely(
  connector: Connector,
  release: () => Promise<void> | void = () => {},
): Pick<RawDatabase, 'database' | 'close'> {
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
