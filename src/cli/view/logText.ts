import type { LogPiece } from '../../contract/events.ts'

/**
 * A run's log as text that can be read by itself, wherever it is written to: a heading `── STAGE` stands where another
 * stage or attempt begins, on a line of its own. `names` are those of the stages by key.
 */
export function logText(names: ReadonlyMap<string, string>, heading: (line: string) => string) {
  let last = ''
  let atStart = true
  return ({ stage, attempt }: Pick<LogPiece, 'stage' | 'attempt'>, text: string): string => {
    if (text === '') return ''
    const name = names.get(stage) ?? stage
    const place = attempt > 1 ? `${name}, attempt ${attempt}` : name
    const head = place === last ? '' : `${atStart ? '' : '\n'}${heading(`── ${place}`)}\n`
    last = place
    atStart = text.endsWith('\n')
    return head + text
  }
}
