import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'

/**
 * Makes the data folder and the folders above it, for its owner alone, unless they are there.
 * @throws SlipwayError `folder-unusable` that says why.
 */
export function makeDataFolder(folder: string): void {
  try {
    if (resolve(folder) === '/') throw new Error('it is the root of the file system')
    make(resolve(folder))
    // Whoever may write there could give it another key, token or database.
    if ((statSync(folder).mode & 0o002) !== 0) throw new Error('everybody may write there (chmod o-w)')
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw folderUnusable(folder, cause)
  }
}

/** The refusal that says why something of the data folder cannot be read or written; `path` is what it is about. */
export const folderUnusable = (path: string, cause: unknown): SlipwayError =>
  new SlipwayError('folder-unusable', `${path}: ${reasonOf(cause)}`, { cause, facts: { folder: path } })

/** One folder after the other: mkdir's own recursion never ends on a file system that says ENOENT to it, as /proc does. */
function make(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) return
  if (found) throw new Error(`${path} is no folder`)
  make(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process that starts at this moment was first.
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  ENOTDIR: 'a part of the path is not a folder',
  ENOENT: 'nothing can be made there',
  EISDIR: 'it is a folder where a file should be',
  ENXIO: 'it is no regular file',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'the path is too long',
}

/** In words; of a system error, what it means for who chose the path. */
export function reasonOf(error: unknown): string {
  const known = reasons[codeOf(error)]
  return known ?? (error instanceof Error ? error.message : String(error))
}

/** The system's name of an error, `ENOENT`; empty for any other. */
export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
