import { log } from './log.ts'

/** A command without a verb explains itself, and succeeds. */
export function showHelp(command: string, verbs: readonly string[]): void {
  log.warn(`rke2 ${command} needs a command; nothing was done`)
  process.stdout.write(`USAGE:\n   rke2 ${command} command [command options]\n\nCOMMANDS:\n   ${verbs.join('\n   ')}\n`)
}

/** A verb that does not exist: exit code 3. */
export function noSuchVerb(verb: string): void {
  process.stderr.write(`No help topic for '${verb}'\n`)
  process.exitCode = 3
}
