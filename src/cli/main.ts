import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Before anything else is loaded: the second start of a command compiles nothing. bin/slipway has named the same folder
// to Node, so that it holds for this file as well.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway', 'compile-cache'))

const { tolerateGoneReaders } = await import('./streams.ts')
tolerateGoneReaders()

// Until something else listens; src/cli/signals.ts says why it has to be done here.
if (process.env['SLIPWAY_NOHUP'] === '1') process.on('SIGHUP', () => {})

const { main } = await import('./program.ts')
const { surroundings } = await import('./local/surroundings.ts')
process.exitCode = await main(process.argv.slice(2), surroundings)
