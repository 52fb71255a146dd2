import { readToken } from '../../api/access/token.ts'
import type { StagesOf } from '../../server/stages.ts'
import type { LocalServer, LocalServerOptions } from '../surroundings.ts'
import { reportFailure } from '../failure.ts'
import { tellPeople } from '../tellPeople.ts'
import { slipwayVersion } from '../version.ts'

/**
 * Starts a server in this process, on the data folder or on the database that DATABASE_URL names. The store comes first:
 * with it comes the folder's lock, so that nothing is touched that another process works with; and the embedded database
 * starts beside this process, while it loads the rest of the code.
 */
export async function startLocalServer(
  options: LocalServerOptions,
  loadStages: () => Promise<StagesOf>,
): Promise<LocalServer> {
  const { folder, port, worker, backups } = options
  const url = process.env['DATABASE_URL']
  const [{ openStore }, { makeDataFolder }] = await Promise.all([
    import('../../store/openStore.ts'),
    import('../../store/makeFolder.ts'),
  ])
  // Keys and logs are in the folder even when the database is elsewhere.
  makeDataFolder(folder.path)
  const [store, { startServer }, stagesOf, version] = await Promise.all([
    openStore(url ? { url } : { folder: folder.path }, tellPeople),
    import('../../server/startServer.ts'),
    loadStages(),
    slipwayVersion(),
  ])
  const server = await startServer({
    home: folder,
    store,
    port,
    worker,
    backups,
    version,
    log: options.log === 'stderr' ? { to: 'stderr' } : { to: 'file', file: folder.logFile },
    stagesOf,
  })
  void server.failed.then(async error => {
    const code = reportFailure(error, false)
    await server.stop().catch(() => {})
    process.exit(code)
  })
  const token = readToken(folder.tokenFile) ?? ''
  return { endpoint: { url: server.url, token }, requests: server.requests, stop: () => server.stop() }
}
