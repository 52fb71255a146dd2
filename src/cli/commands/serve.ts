import { type Command, InvalidArgumentError } from 'commander'
import { dataFolder } from '../../api/access/home.ts'
import { type Format, printLine, withOutput } from '../output.ts'
import { takeSignals } from '../signals.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'

const defaultPort = 7420

interface ServeOptions {
  readonly port: number
  readonly worker: boolean
  readonly backups: number
  readonly output: Format
}

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command, ['table', 'json'])
    .option('--port <number>', 'port on 127.0.0.1; 0 takes any that is free', parsePort, defaultPort)
    .option('--no-worker', 'serve the API only; another process executes the runs (PostgreSQL)')
    .option('--backups <number>', 'daily backups that are kept in the data folder; 0 takes none', parseBackups, 7)
    .addHelpText(
      'after',
      `
Prints one line on stdout once it is ready, and its log on stderr. Runs that an earlier server left go on at once.
SIGTERM and Ctrl-C end it in good order: what runs is left to the next server. Once a day it backs the database up to
the folder backups of the data folder (see slipway db backup; the sealing key is not in it).

Examples:
  slipway serve
  slipway serve --port 0 -o json
  slipway serve --backups 30
  DATABASE_URL=postgres://slipway@db/slipway slipway serve
`,
    )
    .action(async ({ port, worker, backups, output }: ServeOptions) => {
      const folder = dataFolder()
      const interrupted = Promise.withResolvers<void>()
      const release = takeSignals(() => interrupted.resolve())
      const server = await surroundings.startServer({
        folder,
        port,
        worker: worker ? 'always' : 'never',
        log: 'stderr',
        backups,
      })
      const { url } = server.endpoint
      if (output === 'json') printLine(JSON.stringify({ url, pid: process.pid, home: folder.path }))
      else printLine(`Slipway listens at ${url} (data folder ${folder.path})`)
      await interrupted.promise
      // A second signal ends it at once: nothing is lost, the next server picks up what runs.
      takeSignals(() => process.exit(130))
      release()
      if (output !== 'json') say('Ending in good order; a second Ctrl-C ends at once.')
      await server.stop()
    })
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('a port is a number from 0 to 65535')
  return port
}

function parseBackups(text: string): number {
  const backups = Number(text)
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('the number of backups is from 0 to 9999')
  return backups
}
