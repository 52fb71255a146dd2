import type { SessionSurroundings } from '../../clusters/openSession.ts'
import type { NodeSpec } from '../../domain/cluster.ts'
import { targetOf } from '../../clusters/target.ts'
import { type HostAccess, openHosts } from '../../hosts/access.ts'
import type { PinnedKey } from '../../hosts/hostKeys.ts'
import type { Login } from './foundCluster.ts'

export type HostsSurroundings = Pick<SessionSurroundings, 'connections' | 'directory' | 'environment' | 'learn'>

/** The machines that one discovery logs in to. What is learnt of their keys is kept in memory until the cluster goes on record. */
export interface DiscoveryHosts {
  open(nodes: readonly NodeSpec[], login: Login): Promise<HostAccess>
  /** The key that was pinned under one name is that of another one: a machine has told who it is. */
  rename(from: string, to: string): void
  /** Keys that were not on record. */
  learnt(): readonly PinnedKey[]
  close(): Promise<void>
}

export function discoveryHosts(
  cluster: string,
  recorded: readonly PinnedKey[],
  { learn, ...around }: HostsSurroundings,
): DiscoveryHosts {
  let seen: readonly PinnedKey[] = []
  const opened: HostAccess[] = []
  const isKnown = ({ host }: PinnedKey) => [...recorded, ...seen].some(other => other.host === host)
  return {
    async open(nodes, { ssh, files }) {
      for (const text of Object.values(files)) learn(text.trim())
      const targets = await Promise.all(nodes.map(node => targetOf(node, ssh, async path => files[path] ?? '')))
      const hosts = await openHosts({
        cluster,
        targets,
        ...around,
        knownHosts: {
          list: async () => [...recorded, ...seen],
          record: async (_cluster, keys) => {
            seen = [...seen, ...keys.filter(key => !isKnown(key))]
          },
        },
      })
      opened.push(hosts)
      return hosts
    },
    rename(from, to) {
      seen = seen.flatMap(key =>
        key.host !== from ? [key] : isKnown({ ...key, host: to }) ? [] : [{ ...key, host: to }],
      )
    },
    learnt: () => seen,
    async close() {
      await Promise.all(opened.map(hosts => hosts.close()))
    },
  }
}
