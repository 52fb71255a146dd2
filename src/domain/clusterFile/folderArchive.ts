import { gunzipSync, gzipSync } from 'node:zlib'
import { Header, Parser, Pax } from 'tar'
import { type Reading, refuse } from './secretLine.ts'

/** A file of a folder. */
export interface FolderFile {
  /** Below the folder, with slashes. */
  readonly path: string
  readonly contents: Uint8Array
}

/** What of a folder is taken along. */
export interface FolderRules {
  readonly mostFiles: number
  /** Of all its files together, before they are packed. */
  readonly mostBytes: number
  /** Files whose names begin with a dot as well. */
  readonly hidden?: true
  /** Which of its files are meant, by their paths; missing: all. */
  takes?(path: string): boolean
}

const block = 512

/**
 * The files of a folder as a tar archive, compressed by gzip. The same files make the same bytes: neither times, owners
 * and rights of the files are in it, nor the order in which a file system lists them.
 */
export function packFolder(files: readonly FolderFile[]): Uint8Array {
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  const parts = sorted.flatMap(({ path, contents }) => [headOf(path, contents.length), contents, fill(contents.length)])
  const packed = gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]), { level: 9 })
  // The system that has packed it.
  packed[9] = 255
  return packed
}

function headOf(path: string, size: number): Uint8Array {
  const header = new Header({ path, size, mode: 0o644, type: 'File' })
  const bytes = Buffer.alloc(block)
  const isLong = header.encode(bytes, 0)
  return isLong ? Buffer.concat([new Pax({ path, size }).encode(), bytes]) : bytes
}

const fill = (size: number): Uint8Array => Buffer.alloc((block - (size % block)) % block)

/**
 * The files of an archive, which may be another program's, sorted by their paths. Whatever else is in it is refused.
 * @param archive in base64.
 */
export function readFolderArchive(archive: string, rules: FolderRules): Reading<readonly FolderFile[]> {
  const tar = unpacked(archive, rules)
  if (tar === null) return noArchive('it is no tar archive that is compressed by gzip, or it is too large')
  const files = new Map<string, Uint8Array>()
  let wrong: string | null = null
  const parser = new Parser({
    strict: true,
    onReadEntry(entry) {
      const path = entry.path.replace(/^(?:\.\/)+/, '')
      wrong ??= faultOf(path, entry.type, files)
      if (entry.type === 'Directory' || wrong !== null) return void entry.resume()
      const parts: Buffer[] = []
      entry.on('data', part => parts.push(part))
      entry.on('end', () => files.set(path, Buffer.concat(parts)))
    },
  })
  parser.on('error', () => (wrong ??= 'it is damaged'))
  // It reads what it is given at once.
  parser.end(tar)
  if (wrong !== null) return noArchive(wrong)
  const all = [...files].filter(([path]) => isTaken(path, rules)).map(([path, contents]) => ({ path, contents }))
  const fault = folderFault(all, rules)
  if (fault !== null) return { ok: false, fault }
  return { ok: true, value: all.toSorted((one, other) => (one.path < other.path ? -1 : 1)) }
}

/** Whether a file is one that is meant. What Git keeps beside the files never is. */
export function isTaken(path: string, { hidden, takes }: FolderRules): boolean {
  const names = path.split('/')
  if (names.includes('.git') || (!hidden && names.some(name => name.startsWith('.')))) return false
  return takes?.(path) ?? true
}

/** What is wrong with the files of a folder together; null: nothing. */
export function folderFault(files: readonly FolderFile[], { mostFiles, mostBytes }: FolderRules) {
  const bytes = files.reduce((sum, { contents }) => sum + contents.length, 0)
  if (files.length > mostFiles)
    return tooLarge(`it has ${files.length} files that are meant, at most ${mostFiles} are taken`)
  if (bytes > mostBytes) return tooLarge(`its files have ${bytes} bytes together, at most ${mostBytes} are taken`)
  if (files.length > 0) return null
  return {
    name: 'folder-empty',
    message: 'it has no file that is meant',
    remedy: 'Put the files into it, or take its name out of the cluster file.',
  } as const
}

const tooLarge = (message: string) =>
  ({ name: 'folder-too-large', message, remedy: 'Name a folder that holds what is meant, and nothing else.' }) as const

const noArchive = (message: string) =>
  refuse<readonly FolderFile[]>('folder-no-archive', message, 'Pack it: tar -czf - -C FOLDER . | base64 -w0')

function unpacked(archive: string, { mostFiles, mostBytes }: FolderRules): Buffer | null {
  try {
    const most = mostBytes + mostFiles * 4 * block + 1024 * 1024
    return gunzipSync(Buffer.from(archive, 'base64'), { maxOutputLength: most })
  } catch {
    return null
  }
}

function faultOf(path: string, type: string, files: ReadonlyMap<string, unknown>): string | null {
  if (type === 'Directory') return null
  const shown = JSON.stringify(path)
  if (type !== 'File' && type !== 'OldFile') return `${shown} in it is no file and no folder (${type})`
  if (path === '' || path.startsWith('/') || /(?:^|[/\\])\.\.(?:[/\\]|$)|[\p{Cc}\\]/u.test(path))
    return `${shown} in it is no path below a folder`
  return files.has(path) ? `${shown} is in it twice` : null
}
