import { resolve } from 'node:path'
import type { ClusterFile } from '../../domain/cluster.ts'
import { type ClusterFileReading, type FindingText, readClusterFile } from '../../domain/clusterFile/clusterFile.ts'
import { fileIn, type FolderContents } from '../../domain/clusterFile/format.ts'
import { fileOf, filesFault, type KeyFile, keyFileFault } from '../../domain/clusterFile/keyFiles.ts'
import type { Distributions } from '../../distributions/distributions.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import type { ClusterDocument } from '../../contract/plans.ts'

export interface ReadDocument {
  readonly desired: ClusterFile
  /** The files that it names. */
  readonly keyFiles: readonly KeyFile[]
  /** Warnings of the rules over the whole file. */
  readonly warnings: readonly Finding[]
  /** Only the files that the cluster file names. */
  readonly files: Readonly<Record<string, string>>
}

type Readable = ClusterFileReading & { ok: true }

/**
 * The server's door for cluster files; the same one as on the command line, because nobody is trusted to have checked.
 * @throws SlipwayError `cluster-file-invalid` with everything that is wrong.
 */
export function readDocument(
  distributions: Distributions,
  { name, source, folder, files }: ClusterDocument,
): ReadDocument {
  // A file describes what can be applied.
  const formats = distributions.all.flatMap(({ format, operations }) => (operations.apply ? [format] : []))
  const reading = readClusterFile(new TextEncoder().encode(source), name, formats)
  if (!reading.ok) throw invalid(name, reading.findings)
  const contents = contentsOf(files, reading)
  const filled = reading.withFiles(contents)
  const { keyFiles } = filled
  const together = filesFault(files)
  const findings = [
    ...filled.findings.filter(({ severity }) => severity === 'error'),
    ...keyFiles.flatMap(key => fileFindings(key, files, reading)),
    ...emptyFolders(contents, reading),
    ...folderFindings(folder, reading),
    ...(together ? [reading.findingAt(['spec'], together)] : []),
  ]
  if (findings.length > 0) throw invalid(name, findings)
  return {
    desired: withLocalFolders(folder, { ...reading, file: filled.file }),
    keyFiles,
    warnings: [...reading.warnings, ...filled.findings],
    files: Object.fromEntries(keyFiles.map(({ file }) => [file, files[file] ?? ''])),
  }
}

/** The files that were sent, by the folder that the cluster file names in their place. */
function contentsOf(files: ClusterDocument['files'], { folders, takes }: Readable): FolderContents {
  const sent = Object.keys(files)
  return new Map(
    folders.map(({ folder }) => {
      const start = fileIn(folder, '')
      const inside = sent.filter(file => file.startsWith(start) && takes(file.slice(start.length)))
      return [folder, inside.toSorted()]
    }),
  )
}

const emptyFolders = (contents: FolderContents, { folders, findingAt }: Readable): Finding[] =>
  folders
    .filter(({ folder }) => (contents.get(folder) ?? []).length === 0)
    .map(({ folder, path }) =>
      findingAt(path, {
        name: 'folder-empty',
        message: `no file of ${folder} was sent that is meant`,
        remedy:
          'Send the files of the folder in `files`, each under FOLDER/NAME with the folder as the cluster file writes it.',
      }),
    )

interface LocalFolder {
  /** Below `spec`. */
  readonly path: readonly string[]
  readonly folder: string
}

const localFolders = ({ file, format }: Readable): LocalFolder[] =>
  format.localFolders.flatMap(place => {
    const path = place.split('.')
    const folder = path.reduce<unknown>(
      (here, key) => (typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined),
      file.spec,
    )
    return typeof folder !== 'string' || /^https?:\/\//.test(folder) ? [] : [{ path, folder }]
  })

/** The server may stand in any folder: what is stored says where the releases lie without asking where that is. */
function withLocalFolders(folder: string | undefined, reading: Readable): ClusterFile {
  const { file } = reading
  if (folder === undefined) return file
  const spec = structuredClone(file.spec)
  for (const local of localFolders(reading)) setAt(spec, local.path, resolve(folder, local.folder))
  return { ...file, spec }
}

function setAt(into: object, [key = '', ...below]: readonly string[], value: string): void {
  const inner: unknown = Reflect.get(into, key)
  if (below.length === 0) Reflect.set(into, key, value)
  else if (typeof inner === 'object' && inner !== null) setAt(inner, below, value)
}

function folderFindings(folder: string | undefined, reading: Readable): Finding[] {
  if (folder !== undefined) return []
  return localFolders(reading).flatMap(local => {
    if (local.folder.startsWith('/')) return []
    const message = `${local.folder} is relative, and the folder of the file was not sent`
    const remedy = 'Write an absolute path, or send `folder`.'
    return [reading.findingAt(['spec', ...local.path], { name: 'relative-path', message, remedy })]
  })
}

function fileFindings(key: KeyFile, files: ClusterDocument['files'], { findingAt }: Readable): Finding[] {
  const text = Object.hasOwn(files, key.file) ? files[key.file] : undefined
  const missing: FindingText = {
    name: 'key-file-missing',
    message: `the contents of ${key.file} were not sent`,
    remedy: 'Send them in `files`, under the path as the cluster file writes it.',
  }
  const fault = text === undefined ? missing : keyFileFault(key, fileOf(key.kind, text))
  return fault ? [findingAt(key.path, fault)] : []
}

const invalid = (name: string, findings: readonly Finding[]): SlipwayError =>
  new SlipwayError('cluster-file-invalid', `${name}: ${findings[0]?.message ?? 'not valid'}`, { findings })
