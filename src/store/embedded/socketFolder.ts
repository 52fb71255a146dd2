import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'

/** The name that PostgreSQL gives its socket in the folder. */
export const socketName = '.s.PGSQL.5432'
const ofEarlier = 'old'
/** A path that is longer the kernel refuses, bytes (unix(7)). */
const longestSocketPath = 107

/**
 * A folder for the database's socket that its owner alone may enter: nobody else can connect, and the path is short
 * wherever the data folder is. Made under the lock of the data folder, and always the same for it, so that a process
 * that was killed leaves one folder at most.
 * @throws SlipwayError `folder-unusable` when there is no place for it.
 */
export function makeSocketFolder(dataFolder: string, environment: NodeJS.ProcessEnv = process.env): string {
  const place = createHash('sha256').update(realpathSync(dataFolder)).digest('hex').slice(0, 16)
  for (const parent of [environment['XDG_RUNTIME_DIR'], tmpdir(), '/tmp', '/dev/shm']) {
    if (!parent?.startsWith('/')) continue
    const path = join(parent, `slipway-database-${place}`)
    if (Buffer.byteLength(join(path, ofEarlier, socketName)) > longestSocketPath) continue
    const made = makeOwn(path)
    if (made !== null) return made
  }
  throw new SlipwayError('folder-unusable', 'there is no folder for the socket of the embedded database', {
    remedy: 'Set XDG_RUNTIME_DIR to a folder of your own with a short path, or make /tmp writable.',
  })
}

/**
 * A folder in it for another version of PostgreSQL, which runs beside the own one while its database is converted; the
 * caller removes it.
 */
export function makeEarlierSocketFolder(socketFolder: string): string {
  const path = join(socketFolder, ofEarlier)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { mode: 0o700 })
  return path
}

export const removeSocketFolder = (path: string): void => rmSync(path, { recursive: true, force: true })

/** Null where nothing can be made. */
function makeOwn(path: string): string | null {
  try {
    mkdirSync(path, { mode: 0o700, recursive: false })
    return path
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) return null
  }
  try {
    const stat = lstatSync(path)
    // In a folder that everybody may write, somebody else may have been first.
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return mkdtempSync(`${path}-`)
    chmodSync(path, 0o700)
    return path
  } catch {
    return null
  }
}
