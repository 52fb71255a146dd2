import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes the place of the embedded database ready to be opened, by whoever holds the lock of the data folder: the lock
 * proves that nobody has the database open, whatever a process that was killed has left. Returns its path, and what is
 * to be called when it is open.
 */
export function readyDatabaseFolder(dataFolder: string): { readonly path: string; opened(): void } {
  const path = join(dataFolder, 'database')
  const beingMade = `${path}.being-made`
  // Half a database can't be opened: what was killed while it made one begins anew.
  if (existsSync(beingMade)) rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (readdirSync(path).length === 0) writeFileSync(beingMade, '', { mode: 0o600 })
  // PGlite refuses this file when it is empty, which is how a kill in the middle of a start may leave it.
  rmSync(join(path, 'postmaster.pid'), { force: true })
  return { path, opened: () => rmSync(beingMade, { force: true }) }
}
