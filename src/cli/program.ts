import { Command, CommanderError, Help, type Option } from 'commander'
import { exitCodes } from '../domain/errorCatalogue.ts'
import { type CommandEntry, commandList } from './commandList.ts'
import { Interrupted } from './interrupted.ts'
import type { Surroundings } from './surroundings.ts'
import { slipwayVersion } from './version.ts'

/** Runs one command line and returns the exit code (docs/cli.md). */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const wanted = wantedCommand(args)
  const json = asksForJson(args)
  const program = await buildProgram(wanted, surroundings, json)
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? exitCodes.done)
  } catch (error) {
    if (error instanceof Interrupted) return exitCodes.interrupted
    const { commandOf, usageError, withHelpOf } = await import('./usageError.ts')
    const { reportFailure } = await import('./failure.ts')
    const command = commandOf(program, args)
    if (!(error instanceof CommanderError)) return reportFailure(withHelpOf(error, command), json)
    // Help and version end with 0; everything else is a usage error, also no command at all, of which the help is shown.
    if (error.exitCode === 0) return exitCodes.done
    if (error.code !== 'commander.help') return reportFailure(usageError(error.message, command), json)
    return json ? reportFailure(usageError('no command is named', command), json) : exitCodes.usage
  }
}

/** The command that is meant: the first word that is no option, or the one after `help`. */
function wantedCommand(args: readonly string[]): string | undefined {
  const [first, second] = args.filter(arg => !arg.startsWith('-'))
  return first === 'help' ? second : first
}

const asksForJson = (args: readonly string[]): boolean =>
  args.some(
    (arg, index) =>
      ['-ojson', '--output=json', '-o=json'].includes(arg) || (arg === 'json' && isOutput(args[index - 1])),
  )
const isOutput = (arg: string | undefined): boolean => arg === '-o' || arg === '--output'

async function buildProgram(wanted: string | undefined, surroundings: Surroundings, json: boolean): Promise<Command> {
  const program = new Command('slipway')
    .description('Takes machines to a running Kubernetes cluster, stage by stage, and keeps it that way.')
    .usage('COMMAND [options]')
    // Behind a command --version is that command's own.
    .enablePositionalOptions()
    .configureHelp({ ...help, subcommandTerm: command => command.name() })
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: () => {}, ...(json && { writeErr: () => {} }) })
    .addHelpText('after', afterHelp)
  if (process.argv.some(arg => arg === '--version' || arg === '-V'))
    program.version(await slipwayVersion(), '-V, --version')
  else program.option('-V, --version', 'show the version')
  for (const entry of commandList) {
    const command = addCommand(program, entry)
    if (entry.name === wanted) (await entry.load()).define(command, surroundings)
  }
  return program
}

const addCommand = (program: Command, entry: CommandEntry): Command =>
  program
    .command(entry.name)
    .description(entry.summary)
    .helpGroup(`${entry.group}:`)
    .copyInheritedSettings(program)
    .configureHelp(help)

/** An option that is given as often as one likes has no default worth a word. */
export const help = {
  optionDescription(option: Option): string {
    const isNone = Array.isArray(option.defaultValue) && option.defaultValue.length === 0
    return isNone ? option.description : new Help().optionDescription(option)
  },
}

const afterHelp = `
Environment:
  SLIPWAY_HOME   data folder; default $XDG_DATA_HOME/slipway or ~/.local/share/slipway
  SLIPWAY_URL    a server elsewhere, with SLIPWAY_TOKEN; else the one on the data folder is used, or started
  DATABASE_URL   PostgreSQL instead of the embedded database
  SLIPWAY_PROVIDERS   folders with ways of your own to make machines, as in a PATH; see machines.md
  SLIPWAY_TERRAFORM   the program OpenTofu or Terraform; SLIPWAY_TERRAFORM_PLUGINS: folder, a mirror of its plugins
  SLIPWAY_TERRAFORM_BACKEND   file with the backend for the states of machines, instead of the database; see machines.md
  SLIPWAY_COMPONENTS  folders with components of your own, as in a PATH; see own-components.md
  NO_COLOR       no colours

Exit codes:
  0 done   1 internal error   2 usage or invalid input   3 plan has changes (--detailed-exitcode)   4 run failed
  5 refused by a guard or preflight   6 cluster busy   7 cancelled
  8 completed without what may fail   130 interrupted

Begin with:
  slipway init
  slipway plan -f cluster.yaml
  slipway apply -f cluster.yaml
`
