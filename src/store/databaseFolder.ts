import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { codeOf, folderUnusable } from './makeFolder.ts'

/**
 * Makes the place of the embedded database ready to be opened, by whoever holds the lock of the data folder: the lock
 * proves that nobody has the database open, whatever a process that was killed has left. Returns its path, and what is
 * to be called when it is open.
 * @throws SlipwayError `database-damaged` rather than put an empty database in the place of one that was there;
 *   `folder-unusable`.
 */
export function readyDatabaseFolder(dataFolder: string): { readonly path: string; opened(): void } {
  const path = join(dataFolder, 'database')
  const beingMade = `${path}.being-made`
  try {
    // Half a database can't be opened: what was killed while it made one begins anew.
    if (existsSync(beingMade)) rmSync(path, { recursive: true, force: true })
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const isEmpty = readdirSync(path).length === 0
    // The identity is written when an embedded database was open for the first time, and by nothing else.
    if (isEmpty && !existsSync(beingMade) && existsSync(join(dataFolder, 'identity'))) throw damaged(path, 'it is gone')
    if (!isEmpty && !existsSync(join(path, 'PG_VERSION'))) throw damaged(path, 'its file PG_VERSION is gone')
    if (isEmpty) writeFileSync(beingMade, '', { mode: 0o600 })
    // PGlite refuses this file when it is empty, which is how a kill in the middle of a start may leave it.
    rmSync(join(path, 'postmaster.pid'), { force: true })
  } catch (error) {
    if (error instanceof SlipwayError) throw error
    if (codeOf(error) === 'EEXIST') throw damaged(path, 'it is no folder', error)
    throw folderUnusable(path, error)
  }
  return { path, opened: () => rmSync(beingMade, { force: true }) }
}

/** A disk with less left than this is full: the database takes its room in pieces of up to 16 MB. */
const fullBelow = 1024 * 1024

/** Why the database in this folder could not be opened. PGlite itself says next to nothing. */
export function openingFailure(path: string, cause: Error): SlipwayError {
  try {
    const { bavail, bsize } = statfsSync(path)
    if (bavail * bsize < fullBelow) throw Object.assign(new Error('no space left', { cause }), { code: 'ENOSPC' })
    accessSync(join(path, 'PG_VERSION'), constants.R_OK | constants.W_OK)
  } catch (error) {
    return folderUnusable(path, error)
  }
  if (/could not allocate|out of memory/i.test(cause.message))
    return new SlipwayError('machine-exhausted', `the embedded database: ${cause.message}`, { cause })
  return damaged(path, 'PGlite cannot open it', cause)
}

const damaged = (path: string, why: string, cause?: unknown): SlipwayError =>
  new SlipwayError('database-damaged', `${path}: ${why}`, { cause, facts: { folder: path } })
