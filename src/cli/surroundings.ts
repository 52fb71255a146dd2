import type { DataFolder } from '../api/access/home.ts'
import type { Executes } from '../api/application.ts'
import type { Endpoint } from './client/client.ts'

export interface LocalServer {
  readonly endpoint: Endpoint
  readonly requests: {
    readonly open: number
    readonly visited: boolean
    idle(quiet: () => number, signal?: AbortSignal): Promise<void>
  }
  stop(): Promise<void>
}

export interface LocalServerOptions {
  readonly folder: DataFolder
  readonly port: number
  readonly worker: Executes
  readonly log: 'stderr' | 'file'
  /** Daily backups that are kept; 0: none is taken. */
  readonly backups: number
}

/** What commands are given besides their arguments: the one way to start a server. Tests give one with stages of their own. */
export interface Surroundings {
  /** @throws SlipwayError as `startServer` of src/server does. */
  startServer(options: LocalServerOptions): Promise<LocalServer>
}
