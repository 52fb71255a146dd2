import { backupUnusable } from './format.ts'

const lineEnd = 10
/** No row of ours comes near it, bytes. */
const longestLine = 512 * 1024 * 1024

export interface Lines {
  /** The next line, without its end; null at the end of the input. */
  line(): Promise<string | null>
  /** Whole lines as they stand, some at a time, up to the one that is `last`, which is taken. */
  until(last: string): AsyncGenerator<Buffer>
}

/** Lines of a stream, of which those in the middle are handed on in large pieces. */
export function readLines(source: AsyncIterable<Buffer>): Lines {
  const input = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const { done, value } = await input.next()
    if (done) return false
    if (rest.length + value.length > longestLine) throw backupUnusable('a line of it has no end')
    rest = rest.length === 0 ? value : Buffer.concat([rest, value])
    return true
  }
  return {
    async line() {
      let from = 0
      for (;;) {
        const end = rest.indexOf(lineEnd, from)
        if (end >= 0) {
          const line = rest.toString('utf8', 0, end)
          rest = rest.subarray(end + 1)
          return line
        }
        from = rest.length
        if (!(await more())) return null
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
        if (!(await more())) throw backupUnusable('it ends in the middle of a table')
      }
    },
  }
}
