import { type Dirent, existsSync, lstatSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SlipwayError } from '../../../domain/errors.ts'
import { codeOf } from '../../makeFolder.ts'
import { type Places, setAside } from '../places.ts'
import type { Version } from '../versions.ts'

/** An empty database, and the log of what is written into it, bytes. */
const besidesRows = 96 * 1024 * 1024
const megabytes = (bytes: number): number => Math.ceil(bytes / 1024 / 1024)

/**
 * Looks, before anything is made, whether a second database can be made beside this one and put in its place.
 * @throws SlipwayError `folder-unusable`.
 */
export function requireRoom(places: Places, from: Version): void {
  const { path, real } = places
  const refused = (why: string, remedy: string): SlipwayError =>
    new SlipwayError('folder-unusable', `${path}: ${why}`, {
      facts: { folder: path },
      remedy: `${remedy} Nothing was changed.`,
    })
  const kept = setAside(places, from.major)
  if (existsSync(kept))
    throw refused(
      `${kept} is there, and would have to be written over when this database is converted`,
      'Look what it is, and move it away.',
    )
  if (statSync(real).dev !== statSync(dirname(real)).dev)
    throw refused(
      'it is a file system of its own, and to be converted it needs a folder beside it on the same one',
      'Move the database into a folder of that file system, and make a link to it here.',
    )
  const needed = sizeOf(real) + besidesRows
  const { bavail, bsize } = statfsSync(dirname(real))
  if (bavail * bsize < needed)
    throw refused(
      `its disk has too little room: to convert the database, ${megabytes(needed)} MB are needed beside it, and ${megabytes(bavail * bsize)} MB are left`,
      'Make room there, and start Slipway again.',
    )
}

/** What the files take on the disk, bytes; without the log of what was written, which is not copied. */
function sizeOf(folder: string): number {
  let size = 0
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) size += entry.name === 'pg_wal' ? 0 : sizeOf(path)
    else size += (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512
  }
  return size
}

/** A database that lives may remove files and folders of its own meanwhile. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
