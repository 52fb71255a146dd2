import { statfsSync } from 'node:fs'
import { SlipwayError } from '../../domain/errors.ts'
import { folderUnusable } from '../makeFolder.ts'

/** A disk with less left than this is full: the database takes its room in pieces of up to 1 MB. */
const fullBelow = 1024 * 1024

const reasons: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|Disk quota exceeded/, 'ENOSPC'],
  [/Read-only file system/, 'EROFS'],
  [/Permission denied|Operation not permitted/, 'EACCES'],
]
const noMemory =
  /Cannot allocate memory|could not map anonymous shared memory|out of memory|could not fork|shared memory segment/i

/** Why PostgreSQL could not be started, or made, in this folder: by what it said, newest line last. */
export function startRefusal(path: string, said: readonly string[]): SlipwayError {
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
  return damaged(path, `PostgreSQL cannot open it: ${why}`, cause)
}

export const damaged = (path: string, why: string, cause?: unknown): SlipwayError =>
  new SlipwayError('database-damaged', `${path}: ${why}`, { cause, facts: { folder: path } })

function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize < fullBelow
  } catch {
    return false
  }
}
