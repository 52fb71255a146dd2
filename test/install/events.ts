import * as api from '../serverEvents.ts'
import type { RunningServer } from '../listening.ts'
import type { Site } from './harness.ts'

/** The API of a site's server. */

export type { SeenEvent } from '../serverEvents.ts'

export const newestRun = ({ home, cluster }: Site, { url }: RunningServer) => api.newestRun({ home, url }, cluster)

export const runEvents = ({ home }: Site, { url }: RunningServer, run: string, after: number) =>
  api.runEvents({ home, url }, run, after)
