import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import { defaultDataDir } from './host/dataDir.ts'
import type { EtcdFacts } from '../etcdFacts.ts'
import type { ClusterNodeFacts, HostFacts } from './host/facts.ts'
import { observe } from './host/observe.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import { type ObservedHost, reached, type ReachedHost } from './observedHost.ts'
import { areOneCluster, authorityOf, isRecorded, speaksForAll } from './membership.ts'
import { type Identity, identityOf } from './recordedIdentity.ts'
import { namedFiles } from './ownFiles/findings.ts'
import { imageFolder } from './release.ts'
import type { Rke2Session } from './session.ts'

/** What every stage decides from: the hosts, what the cluster's API says of them, and the right to bootstrap. */
export interface ObservedCluster extends Identity {
  readonly nodes: readonly ObservedHost[]
  /** Those that had to be asked: the first one, and all when it holds no cluster that answers. */
  readonly servers: readonly ObservedHost[]
  /** The server that speaks for the recorded cluster; null when none does. */
  readonly authority: NodeArguments | null
  /** Its Nodes by name; null when none does. */
  readonly members: ReadonlyMap<string, ClusterNodeFacts> | null
  /** Its members of etcd; null when none does, or its etcd does not say. */
  readonly etcd: EtcdFacts | null
  readonly installation: string
}

/** One command a host, in parallel; each host is asked once a plan or run until a stage has touched it. */
export async function observeCluster(
  session: Rke2Session,
  stage: StageArguments,
  context: StageContext,
): Promise<ObservedCluster> {
  const [nodes, seen] = await Promise.all([
    observeNodes(session, stage, context),
    observeServers(session, stage, context),
  ])
  const { servers, identity } = (await askedAnew(session, stage, context, nodes, seen)) ?? seen
  const authority = authorityOf(servers, identity.bootstrap)
  return {
    ...identity,
    nodes,
    servers,
    authority: authority?.node ?? null,
    members: authority ? new Map(authority.facts.cluster?.nodes?.map(member => [member.name, member])) : null,
    etcd: authority?.facts.cluster?.etcd ?? null,
    installation: session.installation,
  }
}

/**
 * Two looks are of two moments: a server that joins in between knows a cluster that does not know it yet. Whoever speaks
 * for the cluster is asked once more then; null where nobody has joined.
 */
async function askedAnew(
  session: Rke2Session,
  stage: StageArguments,
  context: StageContext,
  nodes: readonly ObservedHost[],
  { servers, identity }: ObservedServers,
): Promise<ObservedServers | null> {
  const authority = authorityOf(servers, identity.bootstrap)
  const known = authority?.facts.cluster?.etcd
  const joins = ({ facts }: ReachedHost): boolean => {
    const own = facts.cluster?.etcd
    return !!own && !!known && own.cluster_id === known.cluster_id && !areOneCluster(own, known)
  }
  if (!authority || !reached(nodes).some(joins)) return null
  context.observations.drop(hostKey(authority.node.hostname))
  return observeServers(session, stage, context)
}

type LookContext = Pick<StageContext, 'observations' | 'signal'>

/** The nodes that a stage acts on. */
export const observeNodes = (
  session: Rke2Session,
  stage: Parameters<typeof dataDirOf>[0] & Pick<StageArguments, 'nodes'>,
  context: LookContext,
): Promise<readonly ObservedHost[]> => Promise.all(stage.nodes.map(node => observeNode(session, stage, node, context)))

export const dataDirOf = ({ cluster }: { cluster: Pick<StageArguments['cluster'], 'cluster_vars'> }): string =>
  cluster.cluster_vars?.['data-dir'] ?? defaultDataDir

interface ObservedServers {
  readonly servers: readonly ObservedHost[]
  readonly identity: Identity
}

/** One server that may speak for all is asked alone; before every restart that is one look, not three. */
async function observeServers(
  session: Rke2Session,
  stage: StageArguments,
  context: StageContext,
): Promise<ObservedServers> {
  const seen = (node: NodeArguments) => observeNode(session, stage, node, context)
  const [first, ...others] = stage.servers
  const [bootstrap, known] = await Promise.all([session.bootstrap(), first && seen(first)])
  const more = known && (known.error || !speaksForAll(known, stage.servers, bootstrap)) ? others : []
  const servers = [...(known ? [known] : []), ...(await Promise.all(more.map(seen)))]
  return { servers, identity: identityOf(servers, bootstrap, stage.accepted) }
}

/** The server to ask about the cluster: one that answers for the recorded one, or that has its data; null without any. */
export async function askable(
  session: Rke2Session,
  stage: StageArguments,
  context: StageContext,
): Promise<NodeArguments | null> {
  const { servers, identity } = await observeServers(session, stage, context)
  const speaks = authorityOf(servers, identity.bootstrap)
  const holds = reached(servers).find(host => host.facts.data.etcd_member && isRecorded(host, identity.bootstrap))
  return (speaks ?? holds)?.node ?? null
}

/** Prefix of what a stage that acted on this host makes stale. */
export const hostKey = (hostname: string): string => `host/${hostname}`

async function observeNode(
  session: Rke2Session,
  { cluster: desired }: Parameters<typeof dataDirOf>[0],
  node: NodeArguments,
  context: LookContext,
): Promise<ObservedHost> {
  const dataDir = dataDirOf({ cluster: desired })
  const hmacKey = Buffer.from(session.hashKey, 'hex')
  const cluster = node.role === 'worker' ? undefined : ('nodes' as const)
  // Stages share what was seen; what the node is to be, each has from its own arguments.
  const seen = await context.observations.read(hostKey(node.hostname), async (): Promise<Seen> => {
    try {
      const facts = await observe(await session.hosts(), node.hostname, {
        dataDir,
        hmacKey,
        releaseDirectories: [imageFolder(dataDir)],
        namedFiles: namedFiles(node, desired),
        signal: context.signal,
        ...(cluster && { cluster }),
      })
      return { facts, error: null }
    } catch (error) {
      context.signal.throwIfAborted()
      return { facts: null, error: toSlipwayError(error) }
    }
  })
  return { node, ...seen }
}

type Seen = Pick<ReachedHost, 'facts' | 'error'> | { readonly facts: null; readonly error: SlipwayError }

/** Looks at one host anew, past what was seen before the stage acted. */
export async function observeAgain(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  context: StageContext,
): Promise<HostFacts> {
  context.observations.drop(hostKey(node.hostname))
  const again = await observeNode(session, stage, node, context)
  if (again.error) throw again.error
  return again.facts
}
