import { explain, log } from './log.ts'
import { Stopping } from './stopping.ts'
import { noSuchVerb } from './verbs.ts'

const [command = '', ...rest] = process.argv.slice(2)

/**
 * Runs a command that has children, which stays or ends when it is done; SIGTERM ends it in order. A service whose start
 * fails for good ends with code 0, as RKE2's does: systemd sees that from the protocol alone.
 */
async function stay(
  run: (stopping: Stopping) => Promise<void>,
  then: 'and stay' | 'and end' = 'and stay',
): Promise<void> {
  const stopping = new Stopping()
  const end = async (code: number) => {
    await stopping.stop()
    process.exit(code)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void end(0))
  try {
    await run(stopping)
    if (then === 'and end') process.exit(0)
  } catch (error) {
    log.fatal(explain(error))
    await end(then === 'and stay' ? 0 : 1)
  }
}

const isReset = (argument: string) => /^--?cluster-reset(=|$)/.test(argument)

async function main(): Promise<void> {
  switch (command) {
    case 'server':
    case 'agent': {
      const { readSettings } = await import('./settings.ts')
      const settings = readSettings(command, rest)
      for (const key of settings.unknown) log.warn(`Unknown flag --${key} found in config.yaml, skipping`)
      if (command === 'agent') {
        const { runAgent } = await import('./agent.ts')
        return stay(stopping => runAgent(settings, stopping))
      }
      if (settings.clusterReset !== undefined) {
        const { restorePath } = settings.clusterReset
        const { resetCluster } = await import('./cluster-reset.ts')
        return stay(stopping => resetCluster(settings, restorePath, stopping), 'and end')
      }
      const { runServer } = await import('./server.ts')
      return stay(stopping => runServer(settings, stopping))
    }
    case 'etcd-snapshot':
      return (await import('./etcd-snapshot.ts')).etcdSnapshot(rest)
    case 'token':
      return (await import('./token-command.ts')).tokenCommand(rest)
    case 'certificate':
      return (await import('./certificate-command.ts')).certificateCommand(rest)
    case 'secrets-encrypt':
      return (await import('./secrets-encrypt.ts')).secretsEncrypt(rest)
    default:
      noSuchVerb(command)
  }
}

main().catch(error => {
  log.fatal(explain(error))
  process.exitCode = (command === 'server' && !rest.some(isReset)) || command === 'agent' ? 0 : 1
})
