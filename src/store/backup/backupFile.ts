import { createReadStream, createWriteStream, lstatSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SlipwayError } from '../../domain/errors.ts'
import { codeOf, folderUnusable } from '../makeFolder.ts'
import type { Header } from './format.ts'
import { checkBackup } from './readBackup.ts'

export interface KeptBackup {
  readonly header: Header
  readonly rows: number
  readonly bytes: number
}

/**
 * Writes a backup to a file for its owner alone. The file is there when all of it is on the disk and was read again
 * with its sums: nothing half-made ever has the name.
 * @throws SlipwayError `usage` when there is such a file already, `folder-unusable`, and what the stream fails with.
 */
export async function keepBackup(file: string, compressed: AsyncIterable<Uint8Array>): Promise<KeptBackup> {
  requireFree(file)
  const partial = `${file}.partial`
  try {
    await rm(partial, { force: true })
    await pipeline(compressed, createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }))
    const { header, rows } = await checkBackup(createReadStream(partial))
    await rename(partial, file)
    await sync(dirname(file))
    return { header, rows, bytes: statSync(file).size }
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {})
    throw error instanceof Error && 'syscall' in error && 'path' in error ? folderUnusable(file, error) : error
  }
}

export function requireFree(file: string): void {
  if (!lstatSync(file, { throwIfNoEntry: false })) return
  throw new SlipwayError('usage', `${file} is there already`, {
    remedy: 'Name another file; a backup is never written over.',
    facts: { file },
  })
}

/** @throws SlipwayError `usage` when it cannot be read; what is wrong in it, `readBackup` tells. */
export async function* openBackup(file: string): AsyncGenerator<Uint8Array> {
  try {
    if (statSync(file).isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
    yield* createReadStream(file)
  } catch (error) {
    const why = { ENOENT: 'there is no such file', EACCES: 'you may not read it', EISDIR: 'it is a folder' }[
      codeOf(error)
    ]
    if (why === undefined) throw error
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
