// node lab/releases/serve.ts --host H --port P --directory D [--faults FILE]: serves until it is ended; prints its URL first.
import { parseArgs } from 'node:util'
import { startReleaseServer } from './server.ts'

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    directory: { type: 'string' },
    faults: { type: 'string' },
  },
})
if (values.directory === undefined) {
  process.stderr.write('serve.ts: --directory is required: the folder that lab/rke2/pack prints\n')
  process.exit(2)
}
const server = await startReleaseServer({
  host: values.host,
  port: Number(values.port),
  directory: values.directory,
  ...(values.faults === undefined ? {} : { faultsFile: values.faults }),
})
process.stdout.write(`${server.url}\n`)
