import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Logger, pino } from 'pino'
import type { Redactor } from '../secrets/redact.ts'

/** Where the server's own log goes: its stderr, or a file when stderr belongs to a command that talks to a person. */
export type LogTarget = { readonly to: 'stderr' } | { readonly to: 'file'; readonly file: string }

/** A file that grew beyond this is put aside (`.1`) at the next start, bytes. */
const largest = 10 * 1024 * 1024

/** One JSON object a line; whatever secret the process has opened is masked in it. */
export function openServerLog(target: LogTarget, redactor: Redactor): Logger {
  if (target.to === 'file') putAside(target.file)
  const write = (line: string): void => {
    const safe = redactor.redact(line)
    if (target.to === 'file') appendFileSync(target.file, safe, { mode: 0o600 })
    else process.stderr.write(safe)
  }
  const options = {
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    // An Error has no fields of its own to show; the message is what counts.
    serializers: { error: pino.stdSerializers.err },
  }
  return pino(options, { write })
}

function putAside(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > largest) renameSync(file, `${file}.1`)
}
