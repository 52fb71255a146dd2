import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/stage.ts'
import type { ClusterNodeFacts, HostFacts } from '../../hosts/facts.ts'
import { observe } from '../../hosts/observe.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import type { Bootstrap, ClusterSession } from './session.ts'

export const defaultDataDir = '/var/lib/rancher/rke2'

export interface ReachedHost {
  readonly node: NodeArguments
  readonly facts: HostFacts
  readonly error: null
}

/** One host as it was seen: reached, or not and why. */
export type HostLook =
  | ReachedHost
  | { readonly node: NodeArguments; readonly facts: null; readonly error: SlipwayError }

/** What every stage decides from: the hosts, what the cluster's API says of them, and the right to bootstrap. */
export interface ClusterLook {
  readonly nodes: readonly HostLook[]
  /** Those that had to be asked: the first one, and all when it holds no cluster that answers. */
  readonly servers: readonly HostLook[]
  /** Members by node name, from the first server whose API answers; null when none does. */
  readonly members: ReadonlyMap<string, ClusterNodeFacts> | null
  readonly bootstrap: Bootstrap
  readonly installation: string
}

/** One command a host, in parallel; each host is asked once a plan or run until a stage has touched it. */
export async function look(
  session: ClusterSession,
  { cluster, nodes, servers }: StageArguments,
  context: StageContext,
): Promise<ClusterLook> {
  const seen = (node: NodeArguments) =>
    lookAt(session, cluster.cluster_vars?.['data-dir'] ?? defaultDataDir, node, context)
  const [nodeLooks, serverLooks, bootstrap] = await Promise.all([
    Promise.all(nodes.map(seen)),
    lookAtServers(servers, seen),
    session.bootstrap(),
  ])
  const api = serverLooks.map(server => server.facts?.cluster).find(answer => answer?.nodes)
  return {
    nodes: nodeLooks,
    servers: serverLooks,
    members: api?.nodes ? new Map(api.nodes.map(member => [member.name, member])) : null,
    bootstrap,
    installation: session.installation,
  }
}

/** One server that has its data and answers speaks for all; before every restart and join that is one look, not three. */
async function lookAtServers(
  [first, ...others]: readonly NodeArguments[],
  seen: (node: NodeArguments) => Promise<HostLook>,
): Promise<readonly HostLook[]> {
  if (!first) return []
  const look = await seen(first)
  if (look.facts?.data.etcd_member && look.facts.cluster?.nodes) return [look]
  return [look, ...(await Promise.all(others.map(seen)))]
}

/** Prefix of what a stage that acted on this host makes stale. */
export const hostKey = (hostname: string): string => `host/${hostname}`

function lookAt(
  session: ClusterSession,
  dataDir: string,
  node: NodeArguments,
  context: StageContext,
): Promise<HostLook> {
  const hmacKey = Buffer.from(session.hashKey, 'hex')
  const cluster = node.role === 'worker' ? undefined : ('nodes' as const)
  return context.observations.read(hostKey(node.hostname), async (): Promise<HostLook> => {
    try {
      const facts = await observe(await session.hosts(), node.hostname, {
        dataDir,
        hmacKey,
        signal: context.signal,
        ...(cluster && { cluster }),
      })
      return { node, facts, error: null }
    } catch (error) {
      context.signal.throwIfAborted()
      return { node, facts: null, error: toSlipwayError(error) }
    }
  })
}

/** Looks at one host anew, past what was seen before the stage acted. */
export async function lookAgain(
  session: ClusterSession,
  { cluster }: StageArguments,
  node: NodeArguments,
  context: StageContext,
): Promise<HostFacts> {
  context.observations.drop(hostKey(node.hostname))
  const again = await lookAt(session, cluster.cluster_vars?.['data-dir'] ?? defaultDataDir, node, context)
  if (again.error) throw again.error
  return again.facts
}
