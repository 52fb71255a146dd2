import { appendFileSync, closeSync, constants, fstatSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Logger, pino } from 'pino'
import type { Redactor } from '../secrets/redact.ts'
import { folderUnusable } from '../store/makeFolder.ts'

/** Where the server's own log goes: its stderr, or a file when stderr belongs to a command that talks to a person. */
export type LogTarget = { readonly to: 'stderr' } | { readonly to: 'file'; readonly file: string }

/** A file that grew beyond this is put aside (`.1`) at the next start, bytes. */
const largest = 10 * 1024 * 1024

/**
 * One JSON object a line; whatever secret the process has opened is masked in it.
 * @throws SlipwayError `folder-unusable` when the file can't be one.
 */
export function openServerLog(target: LogTarget, redactor: Redactor): Logger {
  if (target.to === 'file') readyFile(target.file)
  const write = (line: string): void => {
    const safe = redactor.redact(line)
    if (target.to === 'stderr') return void process.stderr.write(safe)
    try {
      appendFileSync(target.file, safe, { mode: 0o600 })
    } catch {
      // There is no place left to say it, and a log that cannot be written (a full disk) is no reason to stop a run.
    }
  }
  const options = {
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    // An Error has no fields of its own to show; the message is what counts.
    serializers: { error: pino.stdSerializers.err },
  }
  return pino(options, { write })
}

/** Puts a file aside that has grown too large, and proves that the log can be written: later nobody would be told. */
function readyFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    if (size > largest) renameSync(file, `${file}.1`)
    // Without O_NONBLOCK the opening of a FIFO waits for a reader.
    const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants
    const descriptor = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600)
    const isFile = fstatSync(descriptor).isFile()
    closeSync(descriptor)
    if (!isFile) throw new Error('it is no regular file')
  } catch (error) {
    throw folderUnusable(file, error)
  }
}
