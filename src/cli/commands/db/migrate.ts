import { type Command, InvalidArgumentError } from 'commander'
import { dataFolder } from '../../../api/access/home.ts'
import { type Format, printRows, withOutput } from '../../output.ts'
import { say } from '../../terminal.ts'

export function defineMigrate(command: Command): void {
  const migrate = command
    .command('migrate')
    .description('bring the database to another version of its schema')
    .addHelpText(
      'after',
      `
No server may run on the data folder meanwhile. A server migrates by itself when it starts; \`down\` is for going back to
an earlier version of Slipway, and drops what that version does not know: take a backup first (slipway db backup).

Examples:
  slipway db migrate status
  slipway db migrate up
  slipway db migrate down --to 2
`,
    )
  migrate
    .command('up')
    .description('apply what is missing; a second time does nothing')
    .action(async () => {
      const { migrateUp } = await offline()
      const applied = await migrateUp(dataFolder())
      say(applied.length > 0 ? `Applied: ${applied.join(', ')}` : 'Nothing to do: the database is up to date.')
    })
  migrate
    .command('down')
    .description('take back the newest migrations')
    .requiredOption('--to <number>', 'the last migration that stays; 0 takes back all', parseNumber)
    .action(async ({ to }: { to: number }) => {
      const { migrateDown } = await offline()
      const reverted = await migrateDown(dataFolder(), to)
      say(reverted.length > 0 ? `Taken back: ${reverted.join(', ')}` : 'Nothing to do.')
    })
  withOutput(migrate.command('status'))
    .description('show which migrations are applied')
    .action(async ({ output }: { output: Format }) => {
      const { migrationStatus } = await offline()
      await printRows(output, await migrationStatus(dataFolder()), [
        { title: 'number', value: migration => migration.number },
        { title: 'name', value: migration => migration.name },
        { title: 'applied', value: migration => migration.applied },
      ])
    })
}

const offline = () => import('../../offline/migrate.ts')

function parseNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('a migration has a number')
  return Number(text)
}
