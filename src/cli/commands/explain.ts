import type { Command } from 'commander'
import { findings } from '../../distributions/index.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { explain, type Explanation, explanationsOf, nearestName } from '../../domain/explanations.ts'
import { type Format, printData, printLine, printRows, withOutput } from '../output.ts'

export function define(command: Command): void {
  withOutput(command, ['table', 'json', 'yaml'])
    .argument('[name]', 'an error code or the name of a finding; without it all are listed')
    .addHelpText(
      'after',
      `
An error's code stands in brackets in front of it, a finding's name in brackets behind its remedy.

Examples:
  slipway explain plan-changed
  slipway explain disk-full
  slipway explain
`,
    )
    .action(async (word: string | undefined, { output }: { output: Format }) => {
      if (word === undefined)
        return printRows(output, explanationsOf(findings), [
          { title: 'name', value: entry => entry.name },
          { title: 'kind', value: kindOf },
          { title: 'what it means', value: entry => entry.title },
        ])
      const known = explain(findings, word)
      if (!known) throw unknown(word)
      if (output === 'json' || output === 'yaml') return printData(output, known)
      for (const line of linesOf(known)) printLine(line)
    })
}

function kindOf(entry: Explanation): string {
  if (entry.kind === 'error') return `exit ${entry.exit_code}`
  return entry.severity
}

function linesOf(entry: Explanation): string[] {
  const told = [`${entry.name}: ${entry.title}`, `What to do:  ${entry.remedy}`]
  if (entry.kind === 'error')
    return [...told, `Exit code:   ${entry.exit_code} (${entry.exit})`, `HTTP status: ${entry.status}`]
  return [...told, `Severity:    ${entry.severity}, ${weightOf(entry)}`]
}

function weightOf({ blocks, accept }: Explanation & { kind: 'finding' }): string {
  if (accept !== null) return `stands in the way until it is gone or accepted: --accept ${accept}`
  return blocks ? 'stands in the way until it is gone' : 'stands in nobody’s way'
}

function unknown(word: string): SlipwayError {
  const guess = nearestName(findings, word)
  return new SlipwayError('usage', `nothing is called ${word}${guess ? `; did you mean ${guess}?` : ''}`, {
    remedy: guess ? `Run: slipway explain ${guess}` : 'List all error codes and findings with `slipway explain`.',
  })
}
