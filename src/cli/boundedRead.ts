import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { SlipwayError } from '../domain/errors.ts'

export interface BoundedFile {
  /** At most `limit + 1` bytes: one more than allowed tells that there is more. */
  readonly bytes: Uint8Array
  /** In bytes as the file system says; null for a pipe. */
  readonly size: number | null
  readonly mode: number
}

/**
 * Reads a file that a user named, without trusting its size or kind.
 * @throws SlipwayError `file-unreadable` that says why.
 */
export async function readBounded(path: string, limit: number, kinds: 'regular' | 'any'): Promise<BoundedFile> {
  let file: FileHandle
  try {
    // A pipe that nobody writes to would never open, and so never be told apart from a regular file.
    file = await open(path, kinds === 'regular' ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY)
  } catch (cause) {
    throw unreadable(path, reason(cause), cause)
  }
  try {
    const stat = await file.stat()
    if (stat.isDirectory()) throw unreadable(path, 'it is a folder')
    if (kinds === 'regular' && !stat.isFile()) throw unreadable(path, 'it is not a regular file')
    const size = stat.isFile() ? stat.size : null
    const bytes = size !== null && size > limit ? new Uint8Array() : await readUpTo(file, limit + 1)
    return { bytes, size, mode: stat.mode }
  } catch (cause) {
    throw cause instanceof SlipwayError ? cause : unreadable(path, reason(cause), cause)
  } finally {
    await file.close()
  }
}

/** Standard input, which may be a socket that has no path to open. At most about 64 KiB beyond the limit are taken. */
export async function readStandardInput(limit: number): Promise<BoundedFile> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of process.stdin) {
    const bytes = Buffer.from(part)
    parts.push(bytes)
    length += bytes.length
    if (length > limit) break
  }
  return { bytes: Buffer.concat(parts), size: null, mode: 0 }
}

async function readUpTo(file: FileHandle, limit: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(limit)
  let length = 0
  while (length < limit) {
    const { bytesRead } = await file.read(buffer, length, limit - length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}

const unreadable = (path: string, why: string, cause?: unknown): SlipwayError =>
  new SlipwayError('file-unreadable', `${path}: ${why}`, { cause, facts: { file: path } })

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'the path is too long',
}

export function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return reasons[code] ?? (error instanceof Error ? error.message : String(error))
}
