import { type Command, Option } from 'commander'
import { styleText } from 'node:util'

export const formats = ['table', 'wide', 'json', 'yaml'] as const
export type Format = (typeof formats)[number]

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string | number | boolean | null | undefined
  /** Shown with `-o wide` only. */
  readonly wide?: boolean
}

/** Adds `-o, --output FORMAT` to a command. */
export const withOutput = (command: Command, choices: readonly Format[] = formats): Command =>
  command.addOption(
    new Option('-o, --output <format>', 'how the result is printed').choices([...choices]).default('table'),
  )

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value]

/** Prints rows as a table, or `data` (the same as the API gave it) as JSON or YAML. */
export async function printRows<Row>(
  format: Format,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  data: unknown = rows,
): Promise<void> {
  if (format === 'json' || format === 'yaml') return printData(format, data)
  process.stdout.write(
    table(
      rows,
      columns.filter(column => format === 'wide' || !column.wide),
    ),
  )
}

export async function printData(format: 'json' | 'yaml', data: unknown): Promise<void> {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`)
    return
  }
  const { stringify } = await import('yaml')
  process.stdout.write(stringify(data))
}

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`)
}

function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map(row => columns.map(column => cell(column.value(row))))
  const widths = columns.map((column, index) =>
    cells.reduce((widest, row) => Math.max(widest, row[index]?.length ?? 0), column.title.length),
  )
  const line = (row: readonly string[]) =>
    row
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  const head = styleText('bold', line(columns.map(column => column.title.toUpperCase())), { stream: process.stdout })
  return [head, ...cells.map(line)].map(text => `${text}\n`).join('')
}

const cell = (value: string | number | boolean | null | undefined): string =>
  value === null || value === undefined || value === '' ? '-' : String(value).replace(/[\p{Cc}]+/gu, ' ')
