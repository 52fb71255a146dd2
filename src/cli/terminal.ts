import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Talk goes to stderr, so that stdout holds nothing but data. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Colours text for stderr; plain when that is no terminal or NO_COLOR is set. */
export const paint = (style: Style, text: string): string => styleText(style, text, { stream: process.stderr })

/** Whether a person can be asked: both ends are a terminal, and nobody said that it is a robot. */
export const isAttended = (): boolean =>
  process.stdin.isTTY === true && process.stderr.isTTY === true && process.env['CI'] !== 'true'
