import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type FolderFile,
  folderFault,
  type FolderRules,
  isTaken,
  packFolder,
} from '../domain/clusterFile/folderArchive.ts'
import type { KeyFileFault, Reading } from '../domain/clusterFile/secretLine.ts'
import { SlipwayError } from '../domain/errors.ts'
import { readBounded, reason } from './boundedRead.ts'

/** The files of a folder that are meant, packed. @param folder its path on this machine. */
export async function packedFolder(folder: string, rules: FolderRules): Promise<Reading<Uint8Array>> {
  const files: FolderFile[] = []
  try {
    const fault = (await collect(folder, '', rules, files)) ?? folderFault(files, rules)
    return fault === null ? { ok: true, value: packFolder(files) } : { ok: false, fault }
  } catch (error) {
    // Whoever tells it tells the folder as well.
    const message = error instanceof SlipwayError ? error.message.slice(folder.length + 1) : reason(error)
    const remedy = 'Fix the path (a relative one begins at the folder of the cluster file) or the permissions.'
    return { ok: false, fault: { name: 'folder-unreadable', message, remedy } }
  }
}

/** Stops where more was found than is taken. */
async function collect(
  folder: string,
  below: string,
  rules: FolderRules,
  files: FolderFile[],
): Promise<KeyFileFault | null> {
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) {
      const fault = isTaken(path, { ...rules, takes: () => true }) ? await collect(folder, path, rules, files) : null
      if (fault) return fault
      continue
    }
    if (!isTaken(path, rules)) continue
    if (!entry.isFile()) return notTaken(path, entry.isSymbolicLink() ? 'a symbolic link' : 'no regular file')
    const left = rules.mostBytes - files.reduce((sum, { contents }) => sum + contents.length, 0)
    const { bytes, size } = await readBounded(join(folder, path), left, 'regular')
    // One that is too large is not read at all, and still counts.
    files.push({ path, contents: size !== null && size > left ? new Uint8Array(left + 1) : bytes })
    const fault = folderFault(files, rules)
    if (fault) return fault
  }
  return null
}

const notTaken = (path: string, what: string): KeyFileFault => ({
  name: 'folder-link',
  message: `${path} in it is ${what}`,
  remedy: 'Put a copy of what it leads to there, or take it out.',
})
