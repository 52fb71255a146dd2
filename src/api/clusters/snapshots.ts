import { readDesiredState } from '../../store/clusters.ts'
import { listNodes } from '../../store/nodes.ts'
import type { Application } from '../application.ts'
import type { ShownSnapshots } from '../../contract/snapshots.ts'

/**
 * Looks at the servers that are installed; where there is none, nobody is asked.
 * @throws SlipwayError `not-found`.
 */
export async function clusterSnapshots(
  { store, findSnapshots }: Application,
  name: string,
  signal: AbortSignal,
): Promise<ShownSnapshots> {
  const [desired, nodes] = await Promise.all([readDesiredState(store.database, name), listNodes(store.database, name)])
  const servers = nodes
    .filter(node => node.role !== 'worker' && node.wanted && node.installed_version !== null)
    .map(node => node.hostname)
  if (servers.length === 0) return { off: false, newest: null, servers: [], warnings: [] }
  const report = await findSnapshots(desired, servers, signal)
  return { ...report, servers: [...report.servers], warnings: [...report.warnings] }
}
