import { backupUnusable } from './format.ts'

const lineEnd = 10
/** Lines between the rows say what follows; a row may be a whole plan or a piece of a log, bytes. */
const longest = { line: 1024 * 1024, row: 256 * 1024 * 1024 }

export interface Lines {
  /** The next line, without its end; null at the end of the input. */
  line(): Promise<string | null>
  /** Whole lines as they stand, some at a time, up to the one that is `last`, which is taken. */
  until(last: string): AsyncGenerator<Buffer>
}

export function countLines(piece: Buffer): number {
  let lines = 0
  for (let at = piece.indexOf(lineEnd); at >= 0; at = piece.indexOf(lineEnd, at + 1)) lines++
  return lines
}

/** Lines of a stream, of which those in the middle are handed on in large pieces. */
export function readLines(source: AsyncIterable<Buffer>): Lines {
  const input = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  /** Reads on to the end of a line at least: what is here already is put together once. False at the end of the input. */
  const more = async (most: number): Promise<boolean> => {
    const pieces = [rest]
    let length = rest.length
    for (;;) {
      const { done, value } = await input.next()
      if (!done) pieces.push(value)
      length += done ? 0 : value.length
      if (done || value.includes(lineEnd)) {
        rest = Buffer.concat(pieces, length)
        return !done
      }
      if (length > most) throw backupUnusable('a line of it has no end')
    }
  }
  return {
    async line() {
      for (;;) {
        const end = rest.indexOf(lineEnd)
        if (end >= 0) {
          const line = rest.toString('utf8', 0, end)
          rest = rest.subarray(end + 1)
          return line
        }
        if (!(await more(longest.line))) return null
      }
    },
    async *until(last) {
      const marker = Buffer.from(`${last}\n`)
      for (;;) {
        // Up to the marker, or to the end of the last whole line that is here.
        let at = 0
        for (;;) {
          if (rest.subarray(at, at + marker.length).equals(marker)) {
            const rows = rest.subarray(0, at)
            rest = rest.subarray(at + marker.length)
            if (rows.length > 0) yield rows
            return
          }
          const end = rest.indexOf(lineEnd, at)
          if (end < 0) break
          at = end + 1
        }
        if (at > 0) {
          yield rest.subarray(0, at)
          rest = rest.subarray(at)
        }
        if (!(await more(longest.row))) throw backupUnusable('it ends in the middle of a table')
      }
    },
  }
}
