import { equalForms } from './files/earlierForms.ts'
import { addressOfServer, type ConfigKind, serverUrl } from './files/configEntries.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import { reached, type ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { presentFiles, type WantedNode } from './nodeState.ts'
import { type PresentFiles, sameFiles } from './presentFiles.ts'
import { wantedOwnFiles } from './ownFiles/wanted.ts'
import type { Rke2Session } from './session.ts'
import {
  fileHashes,
  intentHash,
  type JoinAddress,
  joinAddresses,
  meaningHash,
  wantedFiles,
  type WantedFiles,
} from './wantedFiles.ts'

/** A node as it should be, and the files that make it so. */
export interface Wanted extends WantedNode {
  /** What the stage would write. */
  readonly write: WantedFiles
}

/** A joining server or an agent; which files are right can only be said once the cluster is formed. */
export async function wantedJoiner(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  seen: ObservedCluster,
): Promise<Wanted> {
  const kind: ConfigKind = node.role === 'worker' ? 'worker' : 'joining'
  const all = joinAddresses(stage, node)
  return wanted(
    session,
    stage,
    node,
    kind,
    seen,
    joinable(all, seen),
    all.map(({ address }) => address),
  )
}

/**
 * The first server while it makes the cluster. Once it is told of the others its config is another one, and that is
 * right for it as well: `finish` is the stage that minds the difference.
 */
export async function wantedFirst(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  seen: ObservedCluster,
): Promise<Wanted> {
  const all = joinAddresses(stage, node)
  const addresses = all.map(({ address }) => address)
  const [host] = reached(seen.nodes)
  if (seen.bootstrap.state !== 'done') return wanted(session, stage, node, 'initial', seen, null, [null, ...addresses])
  // Without data it is a joiner like any other, and a configuration without a server to join would be wrong.
  const lacksData = host?.facts.data.etcd_member === false && all.length > 0
  // With data RKE2 does not ask whom to join: one that has left since is no reason for a restart.
  const told = host ? toldToJoin(host) : null
  return wanted(
    session,
    stage,
    node,
    'initial',
    seen,
    joinable(all, seen),
    lacksData ? addresses : [...new Set([null, ...addresses, told])],
  )
}

/** Address of the server that its configuration names. */
function toldToJoin({ node, facts }: ReachedHost): string | null {
  const url = presentFiles(facts, node)?.server ?? null
  return url === null ? null : addressOfServer(url)
}

/** The first server at the end of the installation. */
export async function wantedFinished(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  seen: ObservedCluster,
): Promise<Wanted> {
  const all = joinAddresses(stage, node)
  const addresses = all.map(({ address }) => address)
  return wanted(session, stage, node, 'initial', seen, joinable(all, seen), all.length > 0 ? addresses : [null])
}

/**
 * Whom to join: the first of them, unless that is known to be of no use now. Which one is written must not change with
 * every moment at which a server is away, or every plan would be another one.
 */
function joinable(all: readonly JoinAddress[], { bootstrap, servers, authority }: ObservedCluster): string | null {
  const [usual] = all
  const observed = servers.find(({ node }) => node.hostname === usual?.server)
  const isOfUse = !usual?.server || !observed || observed.facts?.data.etcd_member === true
  const living = all.find(({ server }) => server === authority?.hostname)
  return (bootstrap.state === 'done' && !isOfUse && living ? living : usual)?.address ?? null
}

async function wanted(
  session: Rke2Session,
  { cluster }: StageArguments,
  node: NodeArguments,
  kind: ConfigKind,
  { nodes, bootstrap: { ca_hash } }: Pick<ObservedCluster, 'nodes' | 'bootstrap'>,
  joins: string | null,
  alsoRight: readonly (string | null)[],
): Promise<Wanted> {
  const [secrets, contents] = await Promise.all([session.secrets(), session.ownFiles()])
  const host = reached(nodes).find(each => each.node.hostname === node.hostname)
  const { hashKey } = session
  const own = wantedOwnFiles({ cluster, node, contents, hashKey }, host?.facts ?? null)
  const filesFor = (address: string | null) =>
    wantedFiles({ cluster, node, kind, joins: address, secrets, caHash: ca_hash, own })
  const usual = filesFor(joins)
  const known = kind === 'initial' || ca_hash !== null
  const hashesOf = (files: WantedFiles) => fileHashes(hashKey, files)
  const present = host ? presentFiles(host.facts, node) : null
  const told = host ? toldToJoin(host) : null
  // What says the same stays as it lies there, whatever else is done: new bytes would ask for a restart.
  const kept = present && inEqualForms(usual).find(files => sameFiles(hashesOf(files), present))
  const adopted = (await session.adopted()).get(node.hostname)
  // A server with its data does not ask whom to join; that it is told of somebody keeps it from making a second cluster.
  const isToldRight = ({ server }: PresentFiles) =>
    server === null || kind === 'worker'
      ? alsoRight.some(address => (address === null ? null : serverUrl(address)) === server)
      : true
  const saysTheSame = present !== null && isToldRight(present) && adopted?.meaning === meaningHash(hashKey, usual)
  return {
    version: cluster.version,
    write: kept ?? usual,
    files: known ? alsoRight.flatMap(address => inEqualForms(filesFor(address)).map(hashesOf)) : null,
    adopted: adopted && saysTheSame ? { ...hashesOf(usual), config: adopted.file } : null,
    intent: intentHash(hashKey, usual),
    own,
    misled: told === null || alsoRight.includes(told) ? [] : inEqualForms(filesFor(told)).map(hashesOf),
  }
}

const inEqualForms = (files: WantedFiles): WantedFiles[] =>
  equalForms(files.config).map(config => ({ ...files, config }))
