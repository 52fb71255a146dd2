import type { ApiSession } from '../clusters/clusterApi.ts'
import type { ClusterSession } from '../clusters/session.ts'

/** What of a cluster's session the stages of the platform use. */
export type PlatformSession = ApiSession &
  Pick<ClusterSession, 'installation' | 'hashKey' | 'directory' | 'environment' | 'openFile' | 'learn'>
