import type { LogPiece } from '../../contract/events.ts'

/** Keeps the lines that name a host as a whole word: `w1` is not in `w10`. Lines may be cut anywhere between pieces. */
export function lineFilter(host: string): (piece: LogPiece) => string {
  const names = new RegExp(`(?<![\\w.-])${host.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\w-]|\\.\\w)`)
  const open = new Map<string, string>()
  return ({ stage, attempt, text }) => {
    const place = `${stage} ${attempt}`
    const lines = ((open.get(place) ?? '') + text).split('\n')
    open.set(place, lines.pop() ?? '')
    return lines
      .filter(line => names.test(line))
      .map(line => `${line}\n`)
      .join('')
  }
}
