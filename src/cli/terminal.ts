import { styleText } from 'node:util'
import { fold } from './fold.ts'

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'
export type Paint = (style: Style, text: string) => string

/** Talk goes to stderr, so that stdout holds nothing but data. On a terminal it is broken between words. */
export function say(line: string): void {
  process.stderr.write(`${fitted(line, process.stderr)}\n`)
}

/** A line for a stream: as it is, unless that is a terminal that is not wide enough. */
export const fitted = (line: string, { isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): string =>
  isTTY && columns > 0 ? fold(line, columns) : line

const painter =
  (stream: NodeJS.WriteStream): Paint =>
  (style, text) =>
    styleText(style, text, { stream })

/** Colours text for stderr; plain when that is no terminal or NO_COLOR is set. */
export const paint: Paint = painter(process.stderr)
/** Colours text for stdout. */
export const paintData: Paint = painter(process.stdout)

/** Whether a person can be asked: both ends are a terminal, and nobody said that it is a robot. */
export const isAttended = (): boolean =>
  process.stdin.isTTY === true && process.stderr.isTTY === true && process.env['CI'] !== 'true'

/** Whether something may be drawn that changes in place: not every terminal can take lines back. */
export const isDrawable = (): boolean => isAttended() && process.env['TERM'] !== 'dumb'

/** A line of Ansible's log without the stars that fill its headings up. */
export const withoutStars = (line: string): string => line.replace(/ \*{3,}$/, '')

/** Text from a host or a log as one line that is safe to print: no escape sequences or other control characters but the tab. */
export const printable = (text: string): string => printableLines(text).replaceAll('\n', ' ')

/** The same for text of several lines. */
export const printableLines = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, sign => (sign === '\t' || sign === '\n' ? sign : ''))
