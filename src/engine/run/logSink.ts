import type { RunRecords } from '../contract/records.ts'
import { type HeldLease, underLease } from './runWriter.ts'
import { storable } from './storedError.ts'

/** Takes an attempt's log text and stores it in order, redacted line by line. */
export interface LogSink {
  /** Returns a promise when the buffer is full: wait for it before writing more. */
  write(text: string): void | Promise<void>
  /** Stores what is left, an unfinished last line too. */
  end(): Promise<void>
}

/** A write to the database holds at most this much text. */
const chunkBytes = 64 * 1024
const flushEvery = 50
/** From here on the writer is asked to wait … */
const fullAt = 1024 * 1024
/** … and from here on, when it doesn't, text is left out, with a line that says so. */
const dropAt = 16 * 1024 * 1024
/** A line that never ends is cut, so that it can be stored. */
const longestLine = 256 * 1024

export interface LogPlace {
  readonly run: string
  readonly stage: string
  readonly attempt: number
}

export function createLogSink(
  records: Pick<RunRecords, 'appendLog'>,
  place: LogPlace,
  held: HeldLease,
  redact: (text: string) => string,
): LogSink {
  let pending: string[] = []
  let pendingBytes = 0
  let tail = ''
  let offset = 0
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> | null = null
  let failure: unknown

  const take = (lines: string): void => {
    const text = redact(storable(lines))
    const bytes = Buffer.byteLength(text)
    if (pendingBytes + bytes > dropAt) {
      dropped += bytes
      return
    }
    pending.push(text)
    pendingBytes += bytes
  }
  const nextChunk = (): string => {
    const parts: string[] = []
    let bytes = 0
    while (bytes < chunkBytes) {
      const part = pending.shift()
      if (part === undefined) break
      const size = Buffer.byteLength(part)
      if (bytes + size <= chunkBytes) {
        parts.push(part)
        bytes += size
        continue
      }
      const [head, rest] = cut(part, chunkBytes - bytes)
      parts.push(head)
      pending.unshift(rest)
      break
    }
    return parts.join('')
  }
  const flushAll = async (): Promise<void> => {
    while (pending.length > 0) {
      const text = nextChunk()
      const chunk = { stage: place.stage, attempt: place.attempt, offset, text }
      await underLease(held, () => records.appendLog(place.run, [chunk], held.lease))
      const bytes = Buffer.byteLength(text)
      offset += bytes
      pendingBytes -= bytes
      if (dropped > 0 && pendingBytes < fullAt) {
        const note = `[${dropped} bytes of log were left out: they came faster than the database takes them]\n`
        dropped = 0
        take(note)
      }
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    flushing ??= flushAll()
      .catch((error: unknown) => {
        failure = error
        pending = []
        pendingBytes = 0
      })
      .finally(() => {
        flushing = null
      })
    return flushing
  }
  return {
    write(text) {
      if (failure !== undefined) return
      const all = tail + text
      const end = all.lastIndexOf('\n') + 1
      tail = all.slice(end)
      if (end > 0) take(all.slice(0, end))
      if (tail.length > longestLine) {
        take(tail)
        tail = ''
      }
      if (pendingBytes >= chunkBytes) void flush()
      else if (pendingBytes > 0) timer ??= setTimeout(() => void flush(), flushEvery)
      if (pendingBytes >= fullAt) return flush()
    },
    async end() {
      if (tail.length > 0) take(tail)
      tail = ''
      // One may be under way already, and more may come in the meantime.
      do await flush()
      while (pending.length > 0)
      if (failure !== undefined) throw failure
    },
  }
}

/** Cuts text behind at most `bytes` bytes, between two characters. */
function cut(text: string, bytes: number): [string, string] {
  const encoded = Buffer.from(text)
  let at = bytes
  while (at > 0 && ((encoded[at] ?? 0) & 0xc0) === 0x80) at--
  return [encoded.subarray(0, at).toString(), encoded.subarray(at).toString()]
}
