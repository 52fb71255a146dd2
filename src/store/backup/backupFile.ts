import { createReadStream, createWriteStream, lstatSync, statSync } from 'node:fs'
import { link, open, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SlipwayError } from '../../domain/errors.ts'
import { codeOf, reasonOf } from '../makeFolder.ts'
import type { Header } from './format.ts'
import { checkBackup } from './readBackup.ts'

export interface KeptBackup {
  readonly header: Header
  readonly rows: number
  readonly bytes: number
}

/**
 * Writes a backup to a file for its owner alone. The file is there when all of it is on the disk and was read again
 * with its sums: nothing half-made ever has the name, and no other file is written over.
 * @throws SlipwayError `usage` when there is such a file already or none can be written, and what the stream fails with.
 */
export async function keepBackup(file: string, compressed: AsyncIterable<Uint8Array>): Promise<KeptBackup> {
  requireFree(file)
  // A name that nobody else has.
  const partial = join(dirname(file), `.slipway-${randomUUID()}.partial`)
  try {
    await pipeline(compressed, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }))
    const { header, rows } = await checkBackup(createReadStream(partial))
    await giveName(partial, file)
    await sync(dirname(file))
    return { header, rows, bytes: statSync(file).size }
  } catch (error) {
    throw isOfFile(error) ? cannotWrite(file, error) : error
  } finally {
    await rm(partial, { force: true }).catch(() => {})
  }
}

/** As a second name, which is refused where there is such a file by now; not every file system has those. */
async function giveName(partial: string, file: string): Promise<void> {
  try {
    await link(partial, file)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw error
    requireFree(file)
    await rename(partial, file)
  }
}

/** A connection that breaks has an error of the system as well. */
const isOfFile = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && !/^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET)/.test(codeOf(error))

/** @throws SlipwayError `usage` when there is such a file, or none can be made. */
export function requireFree(file: string): void {
  try {
    if (!lstatSync(file, { throwIfNoEntry: false })) return
  } catch (error) {
    throw cannotWrite(file, error)
  }
  throw isThere(file)
}

const isThere = (file: string): SlipwayError =>
  new SlipwayError('usage', `${file} is there already`, {
    remedy: 'Name another file; a backup is never written over.',
    facts: { file },
  })

function cannotWrite(file: string, cause: unknown): SlipwayError {
  if (codeOf(cause) === 'EEXIST') return isThere(file)
  const why = codeOf(cause) === 'ENOENT' ? `there is no folder ${dirname(file)}` : reasonOf(cause)
  return new SlipwayError('usage', `${file} cannot be written: ${why}`, {
    cause,
    remedy: 'Name a file in a folder that is there, in which you may write, on a disk with room.',
    facts: { file },
  })
}

/** @throws SlipwayError `usage` when it cannot be read; what is wrong in it, `readBackup` tells. */
export async function* openBackup(file: string): AsyncGenerator<Uint8Array> {
  try {
    const stat = statSync(file)
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'it is a folder' : 'it is no regular file')
    yield* createReadStream(file)
  } catch (error) {
    const why = { ENOENT: 'there is no such file', EACCES: 'you may not read it' }[codeOf(error)] ?? reasonOf(error)
    throw new SlipwayError('usage', `${file}: ${why}`, {
      cause: error,
      remedy: 'Name a file that `slipway db backup` has written.',
    })
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
