import { realpathSync, rmSync } from 'node:fs'
import { SlipwayError } from '../../../domain/errors.ts'
import type { PostgresServer } from '../../postgres.ts'
import type { Account } from '../account.ts'
import type { DatabaseFolder } from '../databaseFolder.ts'
import { initialise, syncDatabase } from '../makeDatabase.ts'
import { removeUnfinished } from '../leftovers.ts'
import type { ServerOutput } from '../output.ts'
import { allConverted, setAside } from '../places.ts'
import { startPostmaster } from '../postmaster.ts'
import { findEarlierPrograms, type Programs } from '../programs.ts'
import { databaseName, databaseUser } from '../settings.ts'
import { makeEarlierSocketFolder } from '../socketFolder.ts'
import type { Version } from '../versions.ts'
import { carryOver, holdsRows } from './carryOver.ts'
import { conversionFailure } from './conversionFailure.ts'
import { putInPlace } from './putInPlace.ts'
import { requireRoom } from './requireRoom.ts'
import { noteSetAside } from './setAside.ts'

export interface Conversion {
  readonly found: DatabaseFolder
  readonly from: Version
  /** Of this Slipway's version. */
  readonly programs: Programs
  readonly account: Account
  readonly socketFolder: string
  readonly output: ServerOutput
  readonly report: (message: string) => void
}

/**
 * Makes a database of this Slipway's version from one of an earlier version, and puts it in its place. Until then the
 * earlier one is only read, by its own programs; afterwards it is kept beside the new one. It may be broken off at any
 * moment: `putInPlace` says what is there then.
 * @throws SlipwayError `tool-missing`, `folder-unusable`, `database-damaged`, `database-newer`, as `startPostmaster`.
 */
export async function convertDatabase(conversion: Conversion): Promise<void> {
  const { found, from, programs, socketFolder, report } = conversion
  const { path, places } = found
  const earlierSockets = makeEarlierSocketFolder(socketFolder)
  try {
    const earlierPrograms = findEarlierPrograms(earlierSockets, from)
    // Made from this one before, and then it was this one that was worked with.
    for (const left of allConverted(places)) rmSync(left, { recursive: true, force: true })
    requireRoom(places, from)
    const to = programs.version.major
    report(`the database of PostgreSQL ${from.major} is converted to PostgreSQL ${to}; it stays as it is meanwhile`)
    await makeConverted(conversion, earlierPrograms, earlierSockets)
    putInPlace(places, found.beingMade, from.major)
    report(
      `the database is one of PostgreSQL ${to} now; that of PostgreSQL ${from.major} is ${setAside(places, from.major)} until this one has started well`,
    )
  } catch (error) {
    throw error instanceof SlipwayError ? error : conversionFailure(error, path, found.beingMade)
  } finally {
    rmSync(earlierSockets, { recursive: true, force: true })
  }
}

/** Both servers run at the same time, and what is in the one goes to the other: nothing else is written to the disk. */
async function makeConverted(
  { found, from, programs, account, socketFolder, output, report }: Conversion,
  earlierPrograms: Programs,
  earlierSockets: string,
): Promise<void> {
  const { path, places, beingMade } = found
  const rest = { account, output, report }
  const earlier = await startPostmaster({
    ...rest,
    folder: realpathSync(places.real),
    socketFolder: earlierSockets,
    programs: earlierPrograms,
  })
  try {
    const isWorthIt = await holdsRows(serverAt(earlierSockets), path)
    await initialise(beingMade, programs, account)
    if (isWorthIt) {
      const made = await startPostmaster({ ...rest, folder: realpathSync(beingMade), socketFolder, programs })
      try {
        await carryOver(serverAt(earlierSockets), serverAt(socketFolder), report)
      } finally {
        await made.stop()
      }
    }
    noteSetAside(beingMade, from.major, places)
    await syncDatabase(beingMade, programs, account)
  } catch (error) {
    const failure = conversionFailure(error, path, beingMade)
    await removeUnfinished(beingMade)
    throw failure
  } finally {
    await earlier.stop()
  }
}

const serverAt = (socketFolder: string): PostgresServer => ({
  socketFolder,
  user: databaseUser,
  database: databaseName,
})
