import { stat } from 'node:fs/promises'
import type { ClusterFileReading, FindingText } from '../domain/clusterFile/clusterFile.ts'
import { contentsOf, type KeyFile, keyFileFault, mostBytes } from '../domain/clusterFile/keyFiles.ts'
import type { KeyFileFault } from '../domain/clusterFile/secretLine.ts'
import { type Finding, SlipwayError } from '../domain/errors.ts'
import { shellWord, withFileName } from '../domain/placeholders.ts'
import { looksLikeFileName, secretInstead } from '../domain/values/fileNames.ts'
import { type BoundedFile, readBounded } from './boundedRead.ts'
import { localPath } from './namedFolders.ts'
import { packedFolder } from './packedFolder.ts'

export interface ReadKeyFile {
  readonly file: string
  readonly text: string
  readonly findings: readonly Finding[]
}

type Named = Pick<ClusterFileReading & { ok: true }, 'findingAt'>

/**
 * What a cluster file names: a file, or a folder as its archive.
 * @param findingAt of the file that names it, which lies in `folder`.
 */
export async function readKeyFile(key: KeyFile, folder: string, { findingAt }: Named): Promise<ReadKeyFile> {
  const path = localPath(folder, key.file)
  const failed = (text: FindingText): ReadKeyFile => ({
    file: key.file,
    text: '',
    findings: [findingAt(key.path, text)],
  })
  const unfit = ({ name, message, remedy }: KeyFileFault) =>
    failed({ name, message: `${path}: ${message}`, remedy: withFileName(remedy, path) })
  const { folder: rules } = key.kind
  if (rules) {
    const isFolder = await stat(path).then(
      found => found.isDirectory(),
      // What cannot be read is told below, in the same words as of any file.
      () => false,
    )
    if (isFolder) {
      const packed = await packedFolder(path, rules)
      if (!packed.ok) return unfit(packed.fault)
      const fault = keyFileFault(key, packed.value)
      return fault ? unfit(fault) : { file: key.file, text: contentsOf(key.kind, packed.value), findings: [] }
    }
  }
  const most = mostBytes(key.kind)
  let read: BoundedFile
  try {
    read = await readBounded(path, most, 'regular')
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    // It may be the secret itself, and no name.
    if (!looksLikeFileName(key.file)) {
      const { message, remedy } = secretInstead(key.path)
      const why = error.message.slice(path.length + 2)
      return failed({ name: 'key-file-unreadable', message: `${why}; ${message}`, remedy })
    }
    const remedy = 'Fix the path (a relative one begins at the folder of the cluster file) or the permissions.'
    const name = rules && !rules.orFile ? 'folder-unreadable' : 'key-file-unreadable'
    return failed({ name, message: error.message, remedy })
  }
  if (rules && !rules.orFile)
    return unfit({
      name: 'folder-is-file',
      message: 'it is a file, and a folder is meant',
      remedy: 'Name the folder in which it lies.',
    })
  const tooBig = read.size !== null && read.size > most
  const fault = keyFileFault(key, tooBig ? new Uint8Array(most + 1) : read.bytes)
  if (fault) return unfit(fault)
  const exposed = !key.kind.open && (read.mode & 0o004) !== 0
  return {
    file: key.file,
    text: contentsOf(key.kind, read.bytes),
    findings: exposed ? [findingAt(key.path, exposure(path), 'warning')] : [],
  }
}

const exposure = (path: string): FindingText => ({
  name: 'key-file-exposed',
  message: `${path} can be read by every user of this machine`,
  remedy: `Run: chmod 600 ${shellWord(path)}`,
})
