import { chmodSync, existsSync, lstatSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'
import { codeOf, folderUnusable } from '../makeFolder.ts'
import { damaged } from './refusals.ts'

/** The version of PostgreSQL whose files this version of Slipway works with. */
export const majorVersion = '18'

export interface DatabaseFolder {
  readonly path: string
  /** False: it has yet to be made. */
  readonly isThere: boolean
  /** A name beside it, for a database that is being made. */
  readonly beingMade: string
}

/**
 * Looks at the place of the embedded database, for whoever holds the lock of the data folder, and removes what a kill
 * has left of a database that was being made.
 * @throws SlipwayError `database-damaged` and `database-foreign` rather than have an empty database put in the place of
 *   one that was there; `folder-unusable`.
 */
export function findDatabaseFolder(dataFolder: string): DatabaseFolder {
  const path = join(dataFolder, 'postgresql')
  const beingMade = `${path}.being-made`
  try {
    for (const name of readdirSync(dataFolder))
      if (name.startsWith('postgresql.being-made')) rmSync(join(dataFolder, name), { recursive: true, force: true })
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (!found) {
      refuseOtherKind(dataFolder)
      // The identity is written when an embedded database was open for the first time, and by nothing else.
      if (existsSync(join(dataFolder, 'identity'))) throw damaged(path, 'it is gone')
      return { path, isThere: false, beingMade: `${beingMade}-${process.pid}` }
    }
    // A link to a folder on another disk is somebody's decision.
    if (!found.isDirectory() && !(found.isSymbolicLink() && existsSync(path))) throw damaged(path, 'it is no folder')
    keepToOwner(path)
    const version = readVersion(path)
    if (version !== majorVersion)
      throw new SlipwayError('database-foreign', `${path} is a database of PostgreSQL ${version}`, {
        facts: { folder: path, version },
        remedy: `This version of Slipway works with PostgreSQL ${majorVersion}: use the version that made the database, or name another SLIPWAY_HOME.`,
      })
    return { path, isThere: true, beingMade }
  } catch (error) {
    if (error instanceof SlipwayError) throw error
    throw folderUnusable(path, error)
  }
}

/** PostgreSQL works on a folder of its user alone. That others could read it (a copy, put back) can be set right. */
function keepToOwner(path: string): void {
  const { mode, uid } = statSync(path)
  if (uid !== process.getuid?.())
    throw new SlipwayError('folder-unusable', `${path}: it belongs to another user (number ${uid})`, {
      facts: { folder: path },
      remedy: `Run Slipway as that user, or give the whole data folder to the one who runs it (chown -R).`,
    })
  if ((mode & 0o022) !== 0)
    throw new SlipwayError('folder-unusable', `${path}: others may change what is in it`, {
      facts: { folder: path },
      remedy: `Look whether anybody has; then: chmod 700 ${path}`,
    })
  if ((mode & 0o077) !== 0) chmodSync(path, 0o700)
}

/** What builds before this one had: a PostgreSQL in WebAssembly, whose files another one may damage. */
function refuseOtherKind(dataFolder: string): void {
  const former = join(dataFolder, 'database')
  if (!existsSync(join(former, 'PG_VERSION'))) return
  throw new SlipwayError('database-foreign', `${former} is a database of PGlite, of an earlier build of Slipway`, {
    facts: { folder: former },
    remedy:
      'Use that build, or begin anew in another SLIPWAY_HOME: apply the cluster files there; machines that are installed are recognised. Nothing was changed here.',
  })
}

function readVersion(path: string): string {
  try {
    return readFileSync(join(path, 'PG_VERSION'), 'utf8').trim().slice(0, 20)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw damaged(path, 'its file PG_VERSION is gone', error)
    throw error
  }
}
