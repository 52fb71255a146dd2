import type { Command } from 'commander'
import { Lab } from '../lab.ts'
import { forgetSave, saveNames } from '../saves.ts'
import { addCommand, print } from './command.ts'

export function addSaves(program: Command): void {
  addCommand(
    program,
    'save <lab> <save>',
    "keep the hosts' disks and identities for 'load'",
    'save demo formed-cluster',
  )
    .addHelpText(
      'after',
      '\nHosts that are on are shut down for it and booted again. What was kept under the name is replaced.',
    )
    .action(async (lab: string, save: string) => Lab.open(lab).save(save))
  addCommand(program, 'saves', 'the saved labs', 'saves').action(() => {
    for (const name of saveNames()) print(name)
  })
  addCommand(program, 'forget <save>', 'remove a saved lab', 'forget formed-cluster').action(forgetSave)
}
