import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { databaseAccount } from './account.ts'
import { findDatabaseFolder } from './databaseFolder.ts'
import { removeSetAside } from './conversion/setAside.ts'
import { tidiedUpAtSignal } from './endedBySignal.ts'
import { removeUnfinished } from './leftovers.ts'
import { makeDatabase } from './makeDatabase.ts'
import { serverOutput } from './output.ts'
import { allBeingMade, placesOf } from './places.ts'
import { type Place, type Postmaster, startPostmaster } from './postmaster.ts'
import { findPrograms } from './programs.ts'
import { makeSocketFolder, removeSocketFolder } from './socketFolder.ts'
import type { Versions } from './versions.ts'

/** A PostgreSQL of this process alone, reached by the socket in its folder. */
export interface EmbeddedDatabase {
  readonly socketFolder: string
  /** Resolves when it has died and cannot be started again. */
  readonly died: Promise<SlipwayError>
  /** To be called when all is as it should be in it: what it was converted from is not needed any more. */
  startedWell(): Promise<void>
  stop(): Promise<void>
}

/** So many starts within so many ms are an accident; more are a fault that another start does not cure. */
export const restarts = { most: 5, within: 300_000 }

/**
 * Starts the embedded PostgreSQL of a data folder, whose lock the caller holds; where there is none yet, it is made,
 * and where it is of an earlier version that is kept, converted.
 * When it dies it is started again, while its clients meet `database-unavailable`.
 * @throws SlipwayError `database-damaged`, `database-foreign`, `database-account`, `folder-unusable`, `tool-missing`,
 *   `machine-exhausted`.
 */
export async function startDatabase(
  dataFolder: string,
  report: (message: string) => void,
  versions?: Versions,
): Promise<EmbeddedDatabase> {
  // A kill has left its server to end by itself, which takes a while.
  for (const left of allBeingMade(placesOf(dataFolder))) await removeUnfinished(left)
  const found = findDatabaseFolder(dataFolder, versions)
  const account = databaseAccount()
  const socketFolder = makeSocketFolder(dataFolder)
  const removeFolder = (): void => removeSocketFolder(socketFolder)
  return tidiedUpAtSignal(removeFolder, async () => {
    try {
      const programs = findPrograms(socketFolder, versions?.current)
      const output = serverOutput(join(dataFolder, 'postgresql.log'))
      const tell = (message: string): void => {
        output.note(message)
        report(message)
      }
      if (!found.isThere) {
        report('the database is made, which takes a few seconds once')
        await makeDatabase(found, programs, account)
      }
      if (found.earlier) {
        const { convertDatabase } = await import('./conversion/convertDatabase.ts')
        await convertDatabase({ found, from: found.earlier, programs, account, socketFolder, output, report: tell })
      }
      const folder = realpathSync(found.path)
      const running = await keepRunning({ folder, socketFolder, programs, account, output, report })
      return { ...running, startedWell: () => removeSetAside(found.places, tell) }
    } catch (error) {
      removeFolder()
      throw error
    }
  })
}

async function keepRunning(place: Place): Promise<Omit<EmbeddedDatabase, 'startedWell'>> {
  const death = Promise.withResolvers<SlipwayError>()
  const ends: number[] = []
  let stopping = false
  let current: Promise<Postmaster> = startPostmaster(place)
  const watch = (postmaster: Postmaster): void =>
    void postmaster.ended.then(how => {
      if (stopping) return
      place.report(`the database has ended by itself (${how}) and is started again`)
      ends.push(performance.now())
      const recent = ends.filter(end => performance.now() - end < restarts.within).length
      if (recent > restarts.most) return death.resolve(deathOf(`it has ended ${recent} times in 5 minutes (${how})`))
      current = startPostmaster(place)
      current.then(watch, (error: unknown) => {
        const { code, message, remedy } = toSlipwayError(error)
        death.resolve(new SlipwayError(code, `the embedded database has died: ${message}`, { cause: error, remedy }))
      })
    })
  watch(await current)
  return {
    socketFolder: place.socketFolder,
    died: death.promise,
    async stop() {
      stopping = true
      const running = await current.catch(() => null)
      await running?.stop()
      removeSocketFolder(place.socketFolder)
    },
  }
}

const deathOf = (why: string): SlipwayError =>
  new SlipwayError('database-unavailable', `the embedded database has died: ${why}`, {
    remedy: 'Read postgresql.log in the data folder, and start Slipway again: what was under way goes on then.',
  })
