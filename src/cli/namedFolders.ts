import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ClusterFileReading } from '../domain/clusterFile/clusterFile.ts'
import { fileIn, type FolderContents, type NamedFolder } from '../domain/clusterFile/format.ts'
import type { Finding } from '../domain/errors.ts'
import { reason } from './boundedRead.ts'

type Readable = ClusterFileReading & { ok: true }

/** Where a path of the cluster file leads on this machine; `folder` is the one that the cluster file lies in. */
export const localPath = (folder: string, path: string): string =>
  path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path)

/** The files of the folders that a cluster file names, and what is wrong with those folders. */
export async function readFolders(
  reading: Readable,
  folder: string,
): Promise<{ readonly contents: FolderContents; readonly findings: readonly Finding[] }> {
  const contents = new Map<string, readonly string[]>()
  const findings: Finding[] = []
  for (const named of reading.folders) {
    const found = await filesIn(named, folder, reading)
    if (Array.isArray(found)) contents.set(named.folder, found)
    else findings.push(found)
  }
  return { contents, findings }
}

async function filesIn(
  named: NamedFolder,
  folder: string,
  { takes, findingAt }: Readable,
): Promise<string[] | Finding> {
  const path = localPath(folder, named.folder)
  try {
    const names = (await readdir(path)).filter(takes).toSorted()
    if (names.length > 0) return names.map(name => fileIn(named.folder, name))
    return findingAt(named.path, {
      name: 'folder-empty',
      message: `${path} has no file that is meant`,
      remedy: 'Put the files into it, or take its name out of the cluster file.',
    })
  } catch (error) {
    return findingAt(named.path, {
      name: 'folder-unreadable',
      message: `${path}: ${reason(error)}`,
      remedy: 'Fix the path (a relative one begins at the folder of the cluster file) or the permissions.',
    })
  }
}
