import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** The files of tests that took longest. A run is as long as these are, however many files run side by side. */
const shown = 15

const fileTimes = z.array(z.object({ file: z.string(), seconds: z.number().nonnegative(), tests: z.int() }))
export type FileTimes = z.infer<typeof fileTimes>

/** @throws Error when nobody has written them. */
export const readFileTimes = (path: string): FileTimes => fileTimes.parse(JSON.parse(readFileSync(path, 'utf8')))

/** The table, without a line break at its end; the seconds are whole ones. */
export function slowestTable(times: FileTimes): string {
  const slowest = times.toSorted((one, other) => other.seconds - one.seconds).slice(0, shown)
  const rows = slowest.map(({ file, seconds, tests }) => [file, `${Math.round(seconds)}`, `${tests}`])
  const cells = [['slowest files', 'seconds', 'tests'], ...rows]
  const widths = [0, 1, 2].map(column => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  return cells
    .map(([file = '', ...numbers]) =>
      [file.padEnd(widths[0] ?? 0), ...numbers.map((number, index) => number.padStart(widths[index + 1] ?? 0))].join(
        '  ',
      ),
    )
    .join('\n')
}
