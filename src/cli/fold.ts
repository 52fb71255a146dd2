/** Breaks a line between words so that it fits; what is continued stands a little further in. Colours take no room. */
export function fold(line: string, columns: number): string {
  if (width(line) <= columns) return line
  const indent = /^ */.exec(line)?.[0] ?? ''
  const further = ' '.repeat(Math.min(indent.length + 2, Math.floor(columns / 2)))
  const lines: string[] = []
  let current = ''
  for (const [part, gap = '', word = ''] of line.matchAll(/( *)([^ ]+)/g)) {
    if (current.trim() !== '' && width(current) + width(part) > columns) {
      lines.push(current)
      current = further + word
    } else current += gap + word
  }
  return [...lines, current].join('\n')
}

const width = (text: string): number => text.replace(colours, '').length
// oxlint-disable-next-line no-control-regex
const colours = /\u001b\[[0-9;]*m/g
