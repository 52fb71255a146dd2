import type { Command } from 'commander'
import { dataFolder } from '../../../api/access/home.ts'
import { busy } from '../../view/busy.ts'
import { tellRestored } from './restored.ts'

export function defineRestore(command: Command): void {
  command
    .command('restore')
    .argument('<file>', 'file that `slipway db backup` has written')
    .description('put a backup into an empty database')
    .addHelpText(
      'after',
      `
Into the data folder (SLIPWAY_HOME), or the database that DATABASE_URL names. All of the backup is restored, or nothing;
a database that is not empty is refused. The sealing key is not in a backup: put that file into the data folder yourself.
Runs that were under way are cancelled. The installation that was backed up must not work any more: there would be two
that change the same machines.

Examples:
  SLIPWAY_HOME=/srv/slipway slipway db restore slipway.backup
  DATABASE_URL=postgresql://slipway@db.example/slipway slipway db restore slipway.backup
`,
    )
    .action(async (file: string) => {
      const { restoreFile } = await import('../../offline/restore.ts')
      tellRestored(await busy(`Restoring ${file}`, restoreFile(dataFolder(), file)))
    })
}
