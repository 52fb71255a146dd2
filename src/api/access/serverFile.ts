import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

/** Where the server of a data folder listens. A hint: only the answer of that server proves that it still does. */
const serverNote = z.object({
  url: z.url(),
  pid: z.int(),
  /** Unique a start; the server tells it on /healthz, so that another one on the same port is not mistaken for it. */
  instance: z.string(),
})
export type ServerNote = z.infer<typeof serverNote>

/** Replaced in one step, so that nobody reads half of it. */
export function writeServerNote(file: string, note: ServerNote): void {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${JSON.stringify(note)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
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
