import type { DataFolder } from '../../api/access/home.ts'
import * as migrations from '../../store/migrations.ts'
import { openDatabase } from '../../store/openStore.ts'
import type { Database } from '../../store/tables.ts'

/** Without a server: the database is opened here, under the folder's lock, as it is. */
async function withDatabase<Result>(
  folder: DataFolder,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const url = process.env['DATABASE_URL']
  const raw = await openDatabase(url ? { url, connections: 1 } : { folder: folder.path })
  try {
    return await work(raw.database)
  } finally {
    await raw.close()
  }
}

export const migrateUp = (folder: DataFolder): Promise<number[]> =>
  withDatabase(folder, database => migrations.migrateUp(database))

export const migrateDown = (folder: DataFolder, to: number): Promise<number[]> =>
  withDatabase(folder, database => migrations.migrateDown(database, to))

export const migrationStatus = (folder: DataFolder): Promise<migrations.MigrationStatus[]> =>
  withDatabase(folder, database => migrations.migrationStatus(database))
