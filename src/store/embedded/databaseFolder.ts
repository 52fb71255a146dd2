import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'
import { codeOf, folderUnusable } from '../makeFolder.ts'
import { putConvertedInPlace } from './conversion/putInPlace.ts'
import { allBeingMade, allConverted, allSetAside, beingMade, type Places, placesOf } from './places.ts'
import { damaged, otherVersion } from './refusals.ts'
import { type Version, type Versions, versions as ofThisSlipway } from './versions.ts'

export interface DatabaseFolder {
  readonly path: string
  readonly places: Places
  /** False: it has yet to be made. */
  readonly isThere: boolean
  /** The version whose files it has, where that is an earlier one: it has yet to be converted. */
  readonly earlier: Version | null
  /** A name beside it, for a database that is being made. */
  readonly beingMade: string
}

/**
 * Looks at the place of the embedded database, for whoever holds the lock of the data folder; removes what a kill has
 * left of a database that was being made, and completes the renames of a conversion that was broken off between them.
 * @throws SlipwayError `database-damaged` and `database-foreign` rather than have an empty database put in the place of
 *   one that was there; `folder-unusable`.
 */
export function findDatabaseFolder(dataFolder: string, versions: Versions = ofThisSlipway): DatabaseFolder {
  const places = placesOf(dataFolder)
  const { path, real } = places
  const found = { path, places, beingMade: beingMade(places), isThere: true, earlier: null }
  try {
    for (const left of allBeingMade(places)) rmSync(left, { recursive: true, force: true })
    if (!lstatSync(real, { throwIfNoEntry: false })) putConvertedInPlace(places)
    const stat = lstatSync(real, { throwIfNoEntry: false })
    if (!stat) {
      refuseToReplace(dataFolder, places)
      return { ...found, isThere: false }
    }
    if (!stat.isDirectory()) throw damaged(path, 'it is no folder')
    keepToOwner(path)
    const version = readVersion(path)
    if (version === versions.current.major) return found
    const earlier = versions.kept.find(({ major }) => major === version)
    if (earlier) return { ...found, earlier }
    throw otherVersion(path, version, versions)
  } catch (error) {
    if (error instanceof SlipwayError) throw error
    throw folderUnusable(path, error)
  }
}

/** @throws SlipwayError when there was a database, of whatever kind, that is not where it should be. */
function refuseToReplace(dataFolder: string, places: Places): void {
  const { path, real } = places
  // A link to a folder on another disk is somebody's decision, and what it leads to was there.
  if (real !== path) throw damaged(path, 'it is no folder')
  const [kept] = [...allSetAside(places), ...allConverted(places)]
  if (kept !== undefined)
    throw damaged(path, `it is gone, and ${kept} is there`, {
      remedy: `Put back what was moved away, or rename ${kept} to ${path}. To begin with a backup, move it away, too. Nothing was changed.`,
    })
  refuseOtherKind(dataFolder)
  // The identity is written when an embedded database was open for the first time, and by nothing else.
  if (existsSync(join(dataFolder, 'identity'))) throw damaged(path, 'it is gone')
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
    if (codeOf(error) === 'ENOENT') throw damaged(path, 'its file PG_VERSION is gone', { cause: error })
    throw error
  }
}
