import { type FolderFile, type FolderRules, readFolderArchive } from '../domain/clusterFile/folderArchive.ts'
import type { KeyFileKind } from '../domain/clusterFile/keyFiles.ts'
import { type Reading, refuse } from '../domain/clusterFile/secretLine.ts'
import { type Migration, readMigrations } from '../postgres/migrations/files.ts'

/** Files of SQL; in a folder below they are found, and refused. */
const sqlFiles: FolderRules = { mostFiles: 2000, mostBytes: 8 * 1024 * 1024, takes: path => /\.sql$/i.test(path) }

/** A folder of migrations. */
export const migrationFolder: KeyFileKind = {
  name: 'migrations',
  // In base64 what the API takes of one file.
  maxBytes: 768 * 1024,
  open: true,
  binary: true,
  folder: sqlFiles,
  read: readMigrationFolder,
}

/** What a run applies: what is found right here. @param archive of the folder, in base64 */
export function readMigrationFolder(archive: string): Reading<readonly Migration[]> {
  const files: Reading<readonly FolderFile[]> = readFolderArchive(archive, sqlFiles)
  if (!files.ok) return files
  const reading = readMigrations(files.value)
  if (reading.ok) return { ok: true, value: reading.migrations }
  const [first, ...others] = reading.faults
  if (!first) throw new TypeError('a reading that is not right says why')
  const { name, remedy } = first
  return refuse(name, [first, ...others].map(({ message }) => message).join('; '), remedy)
}
