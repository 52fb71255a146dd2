import type { Command } from 'commander'
import { nearest } from '../../domain/clusterFile/nearest.ts'
import { catalogue, type ErrorCode, exitCodes, SlipwayError } from '../../domain/errors.ts'
import { type Format, printData, printLine, printRows, withOutput } from '../output.ts'

export function define(command: Command): void {
  withOutput(command, ['table', 'json', 'yaml'])
    .argument('[code]', 'an error code; without it all are listed')
    .addHelpText(
      'after',
      `
Examples:
  slipway explain plan-changed
  slipway explain
`,
    )
    .action(async (code: string | undefined, { output }: { output: Format }) => {
      const entries = (code === undefined ? codes : [knownCode(code)]).map(describe)
      if (code === undefined || output !== 'table') {
        const [first] = entries
        if (code !== undefined && output !== 'table' && output !== 'wide') return printData(output, first)
        return printRows(output, entries, [
          { title: 'code', value: entry => entry.code },
          { title: 'exit', value: entry => entry.exit_code },
          { title: 'what happened', value: entry => entry.title },
        ])
      }
      for (const entry of entries) {
        printLine(`${entry.code}: ${entry.title}`)
        printLine(`What to do:  ${entry.remedy}`)
        printLine(`Exit code:   ${entry.exit_code} (${entry.exit})`)
        printLine(`HTTP status: ${entry.status}`)
      }
    })
}

const isCode = (text: string): text is ErrorCode => Object.hasOwn(catalogue, text)
const codes = Object.keys(catalogue).filter(isCode)

function describe(code: ErrorCode) {
  const { title, remedy, exit, status } = catalogue[code]
  return { code, title, remedy, exit, exit_code: exitCodes[exit], status }
}

function knownCode(text: string): ErrorCode {
  if (isCode(text)) return text
  const guess = nearest(text, codes)
  throw new SlipwayError('usage', `there is no error code ${text}${guess ? `; did you mean ${guess}?` : ''}`, {
    remedy: 'List them with `slipway explain`. A finding (in brackets behind its remedy) explains itself.',
  })
}
