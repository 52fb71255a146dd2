import { markerEnvironment } from './environment.ts'
import { createLauncher } from './launcher.ts'

/** A parent to be killed: starts a child that runs on, and says so. */
const [worker = '', attempt = ''] = process.argv.slice(2)
await createLauncher(markerEnvironment({ worker })).run('sh', ['-c', 'echo begun; exec sleep 100'], {
  environment: markerEnvironment({ worker, attempt }),
  onStdout: () => void process.send?.('begun'),
})
