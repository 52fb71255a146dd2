import { statfsSync } from 'node:fs'
import { SlipwayError } from '../../domain/errors.ts'
import { folderUnusable } from '../makeFolder.ts'
import type { Versions } from './versions.ts'

/** A disk with less left than this is full: the database takes its room in pieces of up to 1 MB. */
const fullBelow = 1024 * 1024

const reasons: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|Disk quota exceeded/, 'ENOSPC'],
  [/Read-only file system/, 'EROFS'],
  [/Permission denied|Operation not permitted/, 'EACCES'],
]
const noMemory =
  /Cannot allocate memory|could not map anonymous shared memory|out of memory|could not fork|shared memory segment/i

/** What it told to those who asked too early says nothing of the start itself. */
const tooEarly = /FATAL:\s+the database system is /
/** Words with which PostgreSQL speaks of its files. Without one of them nobody is told that these are damaged. */
const damage =
  /PANIC:|could not (?:locate|find|open|read|access|stat|load)|checksum|invalid|incompatible|corrupt|not a database|no such file|missing|does not exist|unexpected|wrong|truncated|said nothing/i

/** Why PostgreSQL could not be started, or made, in this folder: by what it said, newest line last. */
export function startRefusal(path: string, output: readonly string[]): SlipwayError {
  const said = output.filter(line => !tooEarly.test(line))
  const fatal = said.findLast(line => /(FATAL|PANIC):|error:|failed|cannot|not found/i.test(line)) ?? said.at(-1) ?? ''
  const why = fatal.replace(/^.*?(FATAL|PANIC|error):\s*/, '') || 'it said nothing'
  const all = said.join('\n')
  const cause = new Error(all)
  // Of segments of shared memory, too, the kernel says that there is no space.
  if (noMemory.test(all)) return new SlipwayError('machine-exhausted', `the embedded PostgreSQL: ${why}`, { cause })
  const code = isFull(path) ? 'ENOSPC' : reasons.find(([pattern]) => pattern.test(all))?.[1]
  if (code !== undefined) return folderUnusable(path, Object.assign(cause, { code }))
  if (/error while loading shared libraries|failed to execute|cannot execute/i.test(all))
    return new SlipwayError('tool-missing', `the embedded PostgreSQL cannot be run: ${why}`, {
      cause,
      remedy: 'Install what is missing, or name a PostgreSQL server in DATABASE_URL.',
    })
  if (damage.test(`${why}\n${fatal}`)) return damaged(path, `PostgreSQL cannot open it: ${why}`, { cause })
  return notStarted(why, cause)
}

/** The same of a database that was only being made: nothing of it can be damaged. */
export function makeRefusal(path: string, output: readonly string[]): SlipwayError {
  const refusal = startRefusal(path, output)
  return refusal.code === 'database-damaged' ? notStarted(refusal.message, refusal) : refusal
}

/** Nothing is known to be wrong with the database. */
export const notStarted = (why: string, cause?: unknown): SlipwayError =>
  new SlipwayError('database-unavailable', `the embedded PostgreSQL did not start: ${why}`, {
    cause,
    remedy:
      'Try again; what it said is in postgresql.log of the data folder. Nothing is known to be wrong with the database.',
  })

export const damaged = (
  path: string,
  why: string,
  details: { readonly cause?: unknown; readonly remedy?: string } = {},
): SlipwayError => new SlipwayError('database-damaged', `${path}: ${why}`, { ...details, facts: { folder: path } })

/** Of a database whose files neither this Slipway's PostgreSQL nor one that came along with it can read. */
export function otherVersion(path: string, version: string, { current, kept }: Versions): SlipwayError {
  const convertible = kept.map(({ major }) => major).join(' and ')
  const own = `This Slipway works with PostgreSQL ${current.major}${convertible && ` and converts databases of PostgreSQL ${convertible}`}`
  const isNewer = Number(version) > Number(current.major)
  return new SlipwayError('database-foreign', `${path} is a database of PostgreSQL ${version}`, {
    facts: { folder: path, version },
    remedy: isNewer
      ? `${own}: use the Slipway that made the database, or a newer one. Nothing was changed.`
      : `${own}: use the Slipway that made the database. To come to this one, write \`slipway db backup FILE\` with that one, and \`slipway db restore FILE\` with this one in another SLIPWAY_HOME, into which you have put the file sealing-key. Nothing was changed.`,
  })
}

export function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize < fullBelow
  } catch {
    return false
  }
}
