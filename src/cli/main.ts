import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Before anything else is loaded: the second start of a command compiles nothing.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway', 'compile-cache'))

// `slipway nodes demo | head -1`: the reader has gone, and that is no error.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', error => {
    if ('code' in error && error.code === 'EPIPE') process.exit(process.exitCode)
    throw error
  })

const { main } = await import('./program.ts')
const { surroundings } = await import('./local/surroundings.ts')
process.exitCode = await main(process.argv.slice(2), surroundings)
