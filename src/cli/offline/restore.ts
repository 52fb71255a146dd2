import { existsSync } from 'node:fs'
import { sql } from 'kysely'
import type { DataFolder } from '../../api/access/home.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { loadSealer } from '../../secrets/seal.ts'
import { openBackup } from '../../store/backup/backupFile.ts'
import type { Header } from '../../store/backup/format.ts'
import { checkBackup } from '../../store/backup/readBackup.ts'
import { type Restored, restoreBackup } from '../../store/backup/restoreBackup.ts'
import { writeBackup } from '../../store/backup/writeBackup.ts'
import { makeDataFolder } from '../../store/makeFolder.ts'
import { migrateUp } from '../../store/migrations.ts'
import type { StoreLocation } from '../../store/openStore.ts'
import type { Database } from '../../store/tables.ts'
import { ownDatabase, withDatabase } from './database.ts'

export { keepBackup, requireFree } from '../../store/backup/backupFile.ts'

/** Puts the backup into this command line's own database, which must be empty. */
export async function restoreFile(folder: DataFolder, file: string): Promise<Restored> {
  // Whole before anything is made for it.
  await checkBackup(openBackup(file))
  makeDataFolder(folder.path)
  return withDatabase(ownDatabase(folder), raw =>
    restoreBackup(raw, openBackup(file), header => requireKey(folder, header)),
  )
}

/** Copies the own database to that of the URL, or the other way round; the one that is copied to must be empty. */
export async function copyDatabase(
  folder: DataFolder,
  url: string,
  direction: 'to' | 'from',
  version: string,
): Promise<Restored> {
  makeDataFolder(folder.path)
  const own = ownDatabase(folder)
  const other: StoreLocation = { url, connections: 2 }
  const [source, target] = direction === 'to' ? [own, other] : [other, own]
  return withDatabase(source, async from => {
    await requireInstallation(from.database, direction)
    await migrateUp(from.database)
    return withDatabase(target, to =>
      restoreBackup(to, writeBackup(from.server, version), header => requireKey(folder, header)),
    )
  })
}

/** Nothing is made in a database that is not ours. */
async function requireInstallation(database: Database, direction: 'to' | 'from'): Promise<void> {
  const { rows } = await sql<{ there: boolean }>`SELECT to_regclass('installation') IS NOT NULL AS there`.execute(
    database,
  )
  if (rows[0]?.there) return
  const whose = direction === 'from' ? 'the database of the URL' : 'the own database'
  throw new SlipwayError('usage', `${whose} holds no Slipway that could be copied`, {
    remedy:
      direction === 'from'
        ? 'Check the name of the database in the URL. Nothing was changed.'
        : 'Check SLIPWAY_HOME and DATABASE_URL. Nothing was changed.',
  })
}

/** A key that is there and another one would open nothing. */
function requireKey({ keyFile }: DataFolder, { sealing_key }: Header): void {
  if (sealing_key === null || !existsSync(keyFile)) return
  const { keyId } = loadSealer(keyFile)
  if (keyId === sealing_key) return
  throw new SlipwayError(
    'sealing-key-differs',
    `${keyFile} holds the key ${keyId}, and the secrets of the backup were sealed with the key ${sealing_key}`,
    {
      facts: { key: sealing_key },
      remedy: `Put the file sealing-key of the installation in the place of ${keyFile}, then restore again.`,
    },
  )
}
