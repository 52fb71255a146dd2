import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'

/** Where the server of a data folder listens. A hint: only the answer of that server proves that it still does. */
const serverNote = z.object({
  url: z.url(),
  pid: z.int(),
  /** Unique a start; the server tells it on /healthz, so that another one on the same port is not mistaken for it. */
  instance: z.string(),
  /** Which database it works with. */
  database: z.enum(['embedded', 'postgres']),
})
export type ServerNote = z.infer<typeof serverNote>

/**
 * Replaced in one step, so that nobody reads half of it.
 * @throws SlipwayError `folder-unusable` when something else has its place, or nothing can be written there.
 */
export function writeServerNote(file: string, note: ServerNote): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(draft, `${JSON.stringify(note)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(draft, file)
  } catch (cause) {
    rmSync(draft, { force: true })
    const isFolder = statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
    const reason = isFolder ? 'it is a folder' : cause instanceof Error ? cause.message : String(cause)
    throw new SlipwayError('folder-unusable', `${file} cannot be written: ${reason}`, {
      ...(isFolder && {
        remedy: `Remove the folder ${file}: where the server listens is written into a file of that name.`,
      }),
      cause,
    })
  }
}

/** Null when there is none, or one that cannot be understood. */
export function readServerNote(file: string): ServerNote | null {
  try {
    return serverNote.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/** Removes the note if it is still the one of this instance. */
export function removeServerNote(file: string, instance: string): void {
  if (readServerNote(file)?.instance === instance) rmSync(file, { force: true })
}
