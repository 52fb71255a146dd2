import { Command } from 'commander'
import { addFaults } from './faults.ts'
import { addGuests } from './guests.ts'
import { addLifecycle } from './lifecycle.ts'
import { addSaves } from './saves.ts'
import { addSsh } from './ssh.ts'

export function labProgram(): Command {
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
  addGuests(program)
  addSaves(program)
  return program
}
