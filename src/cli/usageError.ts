import type { Command } from 'commander'
import { catalogue, type ErrorDetails, SlipwayError } from '../domain/errors.ts'

/** `slipway inventory export` as far as the words name commands that there are; options and values are passed over. */
export function commandOf(program: Command, args: readonly string[]): string {
  const words = args.filter(arg => !arg.startsWith('-'))
  const names = [program.name()]
  let at = program
  for (const word of words) {
    const found = at.commands.find(command => command.name() === word)
    if (!found) break
    names.push(word)
    at = found
  }
  return names.join(' ')
}

const helpOf = (command: string): string => `\`${command} --help\` shows how it is written.`

/** What commander says of a command line that it does not understand, as any other error of ours. */
export function usageError(said: string, command: string): SlipwayError {
  const [, message = said, guess] = /^(?:error: )?(.*?)\.?(?:\s*\(Did you mean (.*)\?\))?$/s.exec(said.trim()) ?? []
  return new SlipwayError('usage', message.replace(/\s*\n\s*/g, ' '), {
    remedy: guess === undefined ? helpOf(command) : `Did you mean ${guess}? ${helpOf(command)}`,
  })
}

/** An error of usage without a remedy of its own names the command whose help there is. */
export function withHelpOf(error: unknown, command: string): unknown {
  if (!(error instanceof SlipwayError) || error.code !== 'usage' || error.remedy !== catalogue.usage.remedy)
    return error
  const details: ErrorDetails = { findings: error.findings, facts: error.facts, cause: error.cause }
  return new SlipwayError('usage', error.message, { ...details, remedy: helpOf(command) })
}
