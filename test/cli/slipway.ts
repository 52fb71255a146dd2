import { startLocalServer } from '../../src/cli/local/startServer.ts'
import { main } from '../../src/cli/program.ts'
import { tolerateGoneReaders } from '../../src/cli/streams.ts'
import { folderStagesOf } from './folderStages.ts'

/** The command line as it is, but with stages whose machines are folders. */
tolerateGoneReaders()
process.exitCode = await main(process.argv.slice(2), {
  startServer: options => startLocalServer(options, async () => folderStagesOf),
})
