import { type Command, InvalidArgumentError } from 'commander'

/** A command with an example at the foot of its help, which is where one looks first. */
export function addCommand(program: Command, usage: string, description: string, ...examples: string[]): Command {
  const lines = examples.map(example => `  lab/lab ${example}`)
  return program
    .command(usage)
    .description(description)
    .addHelpText('after', `\nExample:\n${lines.join('\n')}`)
}

export function wholeNumber(text: string): number {
  if (/^[0-9]{1,7}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

/** Progress and errors go to standard error; standard output is for what was asked. */
export const say = (line: string): void => void process.stderr.write(`[lab] ${line}\n`)

export const print = (line: string): void => void process.stdout.write(`${line}\n`)
