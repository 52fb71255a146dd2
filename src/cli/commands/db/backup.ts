import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { dataFolder } from '../../../api/access/home.ts'
import { withServer } from '../../client/withServer.ts'
import type { Surroundings } from '../../surroundings.ts'
import { say } from '../../terminal.ts'
import { busy } from '../../view/busy.ts'
import { size } from './size.ts'

export function defineBackup(command: Command, surroundings: Surroundings): void {
  command
    .command('backup')
    .argument('<file>', 'file to be written; - for standard output')
    .description('write all of the database to a file, while the server works')
    .addHelpText(
      'after',
      `
The file has the state of one moment and is checked once it is written. It can be restored into the embedded database
or a server's, of any version of PostgreSQL and on any machine. The sealing key is NOT in it, and without that its
secrets (tokens, kubeconfigs, passwords) are lost: keep the file sealing-key of the data folder too, somewhere else.

Examples:
  slipway db backup slipway.backup
  slipway db backup - | ssh store 'cat > slipway.backup'
`,
    )
    .action(async (file: string) => {
      const stop = new AbortController()
      const path = '/database/backup'
      if (file === '-')
        return withServer(
          surroundings,
          async ({ client }) => pipeline(await client.stream(path, stop.signal), process.stdout, { end: false }),
          'looks',
        )
      const { keepBackup, requireFree } = await import('../../offline/restore.ts')
      requireFree(file)
      const { header, rows, bytes } = await withServer(
        surroundings,
        async ({ client }) => busy(`Writing ${file}`, keepBackup(file, await client.stream(path, stop.signal))),
        'looks',
      )
      say(`${file}: ${size(bytes)}, ${rows} rows, as of ${header.taken}.`)
      say(
        `The key of its secrets (${header.sealing_key}) is not in it: keep a copy of ${dataFolder().keyFile} elsewhere.`,
      )
    })
}
