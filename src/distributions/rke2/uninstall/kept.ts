import type { Bootstrap } from '../../../clusters/session.ts'

/**
 * Folder on a server in which the snapshots of an uninstalled cluster are left, where that was asked for: with the token of
 * this very cluster, so that another one of its name has another folder.
 */
export const keptIn = (cluster: string, { ca_hash }: Pick<Bootstrap, 'ca_hash'>): string =>
  `/var/backups/slipway/${cluster}${ca_hash === null ? '' : `-${ca_hash.slice(0, 12)}`}`
