import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where everything of an installation lies that is not in a PostgreSQL database. */
export interface DataFolder {
  readonly path: string
  /** Bearer token of the API; 0600. */
  readonly tokenFile: string
  /** Says where the server of this folder listens; 0600. */
  readonly serverFile: string
  /** Key that seals secrets; 0600. */
  readonly keyFile: string
  /** Log of servers that have no stderr of their own. */
  readonly logFile: string
  /** Daily backups of a server. */
  readonly backupsFolder: string
}

/** The data folder that the environment names; it may not exist yet. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): DataFolder {
  const share = environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share')
  const path = environment['SLIPWAY_HOME'] || join(share, 'slipway')
  return {
    path,
    tokenFile: join(path, 'token'),
    serverFile: join(path, 'server.json'),
    keyFile: join(path, 'sealing-key'),
    logFile: join(path, 'server.log'),
    backupsFolder: join(path, 'backups'),
  }
}
