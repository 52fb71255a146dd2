import { Command, CommanderError } from 'commander'
import { say } from './commands/command.ts'
import { addFaults } from './commands/faults.ts'
import { addLifecycle } from './commands/lifecycle.ts'
import { addSaves } from './commands/saves.ts'
import { addSsh } from './commands/ssh.ts'
import { LabError } from './errors.ts'

/** The command line over `Lab`. Exit codes: 0 done, 1 failed, 2 the request was wrong; `ssh` gives the command's own. */
const program = new Command('lab/lab')
  .description(
    'Real Debian hosts on this machine, with systemd and SSH, that can be broken in every way a host breaks.',
  )
  .showHelpAfterError('(--help shows the options and examples)')
  .enablePositionalOptions()
  .exitOverride()
addLifecycle(program)
addSsh(program)
addFaults(program)
addSaves(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else if (error instanceof LabError) {
    say(`error: ${error.message}`)
    say(error.remedy)
    process.exitCode = error.exitCode
  } else {
    throw error
  }
}
