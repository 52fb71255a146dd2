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
      tellRestored(await busy('Copying the database', copied), 'Copied')
      say(whatNow(direction, process.env['DATABASE_URL'] ? 'server' : 'embedded'))
    })
}

/** @param own which database was this command line's own. */
export function whatNow(direction: 'to' | 'from', own: 'embedded' | 'server'): string {
  if (direction === 'from') {
    const start = own === 'server' ? 'with DATABASE_URL as it is' : 'without DATABASE_URL'
    return `From now on start Slipway ${start}. The database of the URL is as it was; do not work with both.`
  }
  const source = own === 'server' ? 'The database that DATABASE_URL named until now' : 'The embedded database'
  return `From now on start Slipway with this URL in DATABASE_URL. ${source} is as it was; do not work with both.`
}
