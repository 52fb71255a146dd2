import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { codeOf } from '../makeFolder.ts'

/** Where the files of the database are, and what stands beside them for a while. */
export interface Places {
  /** What people know it as: `postgresql` in the data folder. */
  readonly path: string
  /** The folder itself, where the path is a link to one on another disk. It need not be there. */
  readonly real: string
}

export function placesOf(dataFolder: string): Places {
  const path = join(dataFolder, 'postgresql')
  return { path, real: behindLinks(path) }
}

/** What a kill leaves of it is worth nothing. */
export const beingMade = ({ real }: Places): string => `${real}.being-made-${process.pid}`
/** Complete and on the disk, but not in its place yet. */
export const converted = ({ real }: Places, from: string): string => `${real}.converted-from-${from}`
/** What was converted; kept until what was made of it has started well. */
export const setAside = ({ real }: Places, major: string): string => `${real}.old-${major}`
export const beingRemoved = ({ real }: Places, major: string): string => `${real}.being-removed-${major}`

export const allBeingMade = (places: Places): string[] => beside(places, /^\.being-made/)
export const allConverted = (places: Places): string[] => beside(places, /^\.converted-from-\d+$/)
export const allSetAside = (places: Places): string[] => beside(places, /^\.old-\d+$/)

/** Paths of what has the database's name with such an ending. */
function beside({ real }: Places, ending: RegExp): string[] {
  const name = basename(real)
  return namesIn(dirname(real))
    .filter(each => each.startsWith(name) && ending.test(each.slice(name.length)))
    .map(each => join(dirname(real), each))
    .toSorted()
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    // A link may lead to a folder in which nobody else's names can be read: then none of ours were made there.
    if (['EACCES', 'ENOENT', 'ENOTDIR'].includes(codeOf(error))) return []
    throw error
  }
}

/** As far as the links lead, also where there is nothing. */
function behindLinks(path: string): string {
  let real = path
  // The kernel follows no more than these.
  for (let links = 0; links < 40 && lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink(); links++)
    real = resolve(realpathSync(dirname(real)), readlinkSync(real))
  return real
}

/** After this the names in it outlive a power cut. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
