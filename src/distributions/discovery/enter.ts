import type { ClusterFile, ClusterSpec, NodeSpec } from '../../domain/cluster.ts'
import { SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { HostAccess } from '../../hosts/access.ts'
import type { DiscoveryOverSsh, Distribution, FutureOwner } from '../contract.ts'
import type { DiscoveryHosts } from './discoveryHosts.ts'
import type { Login, LookRequest, ServerReading } from './foundCluster.ts'

/** A server that was logged in to, and what it says. */
export interface Entry {
  /** As it was named; null: it is on record. */
  readonly host: string | null
  /** What it is called among `hosts`. */
  readonly alias: string
  readonly hosts: HostAccess
  readonly login: Login
  readonly reading: ServerReading
  /** A cluster file in which it is alone. */
  readonly alone: ClusterFile
}

/**
 * Logs in to the server that is named, or to the first of those on record that tells who the cluster is; null where
 * nobody has ever given a login, or a kubeconfig is to be gone by.
 * @throws SlipwayError `not-a-server`, and what `HostAccess.run` throws.
 */
export async function enter(
  all: readonly Distribution[],
  { cluster, kubeconfig, server, known }: LookRequest,
  installation: string,
  hosts: DiscoveryHosts,
  signal: AbortSignal,
): Promise<Entry | null> {
  const readers = all.flatMap(({ discovery }) => discovery?.overSsh ?? [])
  const tryOne = async (node: NodeSpec, login: Login, host: string | null): Promise<Entry> => {
    const access = await hosts.open([node], login)
    const reading = await firstReading(readers, access, node.hostname, { installation, cluster }, signal)
    return { host, alias: node.hostname, hosts: access, login, reading, alone: aloneIn(cluster, node) }
  }
  if (server) {
    const { host, ...login } = server
    return tryOne({ hostname: aliasOf(host), internal_ip: host, role: 'initial_master' }, login, host)
  }
  if (kubeconfig !== null || !known?.login) return null
  let fault: SlipwayError | null = null
  for (const node of known.desired.spec.nodes.filter(({ role }) => role !== 'worker')) {
    try {
      return await tryOne(node, known.login, null)
    } catch (error) {
      signal.throwIfAborted()
      fault ??= toSlipwayError(error)
    }
  }
  throw fault ?? new SlipwayError('not-a-server', `cluster ${cluster} has no server on record`)
}

/** A name of the machine until it has told its own. */
const aliasOf = (host: string): string => host.replaceAll(':', '-')

async function firstReading(
  [reader, ...others]: readonly DiscoveryOverSsh<ClusterSpec>[],
  hosts: HostAccess,
  hostname: string,
  as: FutureOwner,
  signal: AbortSignal,
): Promise<ServerReading> {
  if (!reader) throw new SlipwayError('not-a-server', `${hostname} runs nothing that Slipway knows`)
  try {
    return await reader.readServer(hosts, hostname, as, signal)
  } catch (error) {
    if (others.length === 0 || toSlipwayError(error).code !== 'not-a-server') throw error
    return firstReading(others, hosts, hostname, as, signal)
  }
}

const aloneIn = (name: string, node: NodeSpec): ClusterFile => ({
  apiVersion: 'slipway/v1',
  kind: 'Cluster',
  metadata: { name },
  spec: { distribution: 'unknown', version: 'unknown', nodes: [node] },
})
