import { CommanderError } from 'commander'
import { say } from './commands/command.ts'
import { labProgram } from './commands/program.ts'
import { LabError } from './errors.ts'

/** The command line over `Lab`. Exit codes: 0 done, 1 failed, 2 the request was wrong; `ssh` gives the command's own. */
try {
  await labProgram().parseAsync()
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
