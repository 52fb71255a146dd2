import type { Command } from 'commander'
import { dataFolder } from '../../../api/access/home.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { say } from '../../terminal.ts'
import { slipwayVersion } from '../../version.ts'
import { busy } from '../../view/busy.ts'
import { tellRestored } from './restored.ts'

interface Options {
  readonly to?: string
  readonly from?: string
}

export function defineCopy(command: Command): void {
  command
    .command('copy')
    .option('--to <url>', 'copy this database to an empty one of a PostgreSQL server')
    .option('--from <url>', "copy a PostgreSQL server's database to this one, which is empty")
    .description('move from the embedded database to a server, or back')
    .addHelpText(
      'after',
      `
No server may run on the data folder meanwhile, and none on the database of the URL. Nothing is changed in the database
that is copied. Sealing key and token stay in the data folder. Write the URL without a password, which others on this
machine could see, and give that in PGPASSWORD.

Examples:
  slipway db copy --to postgresql://slipway@db.example/slipway
  slipway db copy --from postgresql://slipway@db.example/slipway
`,
    )
    .action(async ({ to, from }: Options) => {
      const url = to ?? from
      if (url === undefined || (to !== undefined && from !== undefined))
        throw new SlipwayError('usage', 'say in which direction to copy', { remedy: 'Give --to URL or --from URL.' })
      const { copyDatabase } = await import('../../offline/restore.ts')
      const direction = to === undefined ? 'from' : 'to'
      const copied = copyDatabase(dataFolder(), url, direction, await slipwayVersion())
      tellRestored(await busy('Copying the database', copied))
      say(
        direction === 'to'
          ? 'From now on start Slipway with this URL in DATABASE_URL. The embedded database is as it was; do not work with both.'
          : 'From now on start Slipway without DATABASE_URL. The database of the URL is as it was; do not work with both.',
      )
    })
}
