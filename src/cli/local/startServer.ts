import { readToken } from '../../api/access/token.ts'
import { startServer } from '../../worker/startServer.ts'
import type { StagesOf } from '../../worker/stages.ts'
import type { LocalServer, LocalServerOptions } from '../surroundings.ts'
import { slipwayVersion } from '../version.ts'

/** Starts a server in this process, on the data folder or on the database that DATABASE_URL names. */
export async function startLocalServer(options: LocalServerOptions, stagesOf: StagesOf): Promise<LocalServer> {
  const { folder, port, worker } = options
  const databaseUrl = process.env['DATABASE_URL']
  const server = await startServer({
    home: folder,
    ...(databaseUrl && { databaseUrl }),
    port,
    worker,
    version: await slipwayVersion(),
    log: options.log === 'stderr' ? { to: 'stderr' } : { to: 'file', file: folder.logFile },
    stagesOf,
  })
  const token = readToken(folder.tokenFile) ?? ''
  return { endpoint: { url: server.url, token }, requests: server.requests, stop: () => server.stop() }
}
