import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type HostAccess, type HostAccessOptions, openHosts } from '../../src/hosts/access.ts'
import { type ConnectionOptions, type Connections, openConnections } from '../../src/hosts/connections.ts'
import type { KnownHostsPort, PinnedKey } from '../../src/hosts/hostKeys.ts'
import type { HostTarget } from '../../src/hosts/target.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { markerEnvironment, newWorkerName } from '../../src/processes/environment.ts'

/** Host keys in memory, with the rule that a recorded key stays. */
export class RememberedKeys implements KnownHostsPort {
  readonly keys = new Map<string, PinnedKey[]>()
  list(cluster: string): Promise<readonly PinnedKey[]> {
    return Promise.resolve([...(this.keys.get(cluster) ?? [])])
  }
  record(cluster: string, keys: readonly PinnedKey[]): Promise<void> {
    const known = this.keys.get(cluster) ?? []
    const fresh = keys.filter(key => !known.some(one => one.host === key.host))
    this.keys.set(cluster, [...known, ...fresh])
    return Promise.resolve()
  }
}

/** What a server process has once: connections, a private folder, a marker. `close` checks that no child is left. */
export interface Workbench {
  readonly worker: string
  /** Marker of an attempt of that worker; tests beside this one have others. */
  readonly attempt: string
  readonly connections: Connections
  readonly directory: string
  readonly knownHosts: RememberedKeys
  open(targets: readonly HostTarget[], options?: Partial<HostAccessOptions>): Promise<HostAccess>
  /** @returns how many children had to be ended after everything was closed: 0 when all is well. */
  close(): Promise<number>
}

export async function openWorkbench(options: Partial<ConnectionOptions> = {}): Promise<Workbench> {
  const worker = newWorkerName()
  const environment = markerEnvironment({ worker })
  const directory = await mkdtemp('/dev/shm/slipway-hosts-')
  const connections = await openConnections({ directory: join(directory, 'c'), environment, ...options })
  const knownHosts = new RememberedKeys()
  const opened: HostAccess[] = []
  return {
    worker,
    attempt: `${worker}/attempt`,
    connections,
    directory,
    knownHosts,
    async open(targets, more) {
      const access = await openHosts({
        cluster: 'demo',
        targets,
        directory,
        connections,
        knownHosts,
        environment,
        connectTimeout: 3,
        ...more,
      })
      opened.push(access)
      return access
    },
    async close() {
      await Promise.all(opened.map(access => access.close()))
      await connections.close()
      const left = await endChildren({ worker })
      await rm(directory, { recursive: true, force: true })
      return left
    },
  }
}
