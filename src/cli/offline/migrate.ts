import type { DataFolder } from '../../api/access/home.ts'
import * as migrations from '../../store/migrations.ts'
import { ownDatabase, withDatabase } from './database.ts'

export const migrateUp = (folder: DataFolder): Promise<number[]> =>
  withDatabase(ownDatabase(folder), ({ database }) => migrations.migrateUp(database))

export const migrateDown = (folder: DataFolder, to: number): Promise<number[]> =>
  withDatabase(ownDatabase(folder), ({ database }) => migrations.migrateDown(database, to))

export const migrationStatus = (folder: DataFolder): Promise<migrations.MigrationStatus[]> =>
  withDatabase(ownDatabase(folder), ({ database }) => migrations.migrationStatus(database))
