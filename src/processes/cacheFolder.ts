import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where the set-up and children keep what can be made again. */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment.XDG_CACHE_HOME || join(environment.HOME ?? homedir(), '.cache'), 'slipway')
