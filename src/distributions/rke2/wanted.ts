import type { ConfigKind } from '../../ansible/variables.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import type { WantedNode } from './nodeState.ts'
import type { ClusterSession } from './session.ts'
import { fileHashes, firstServerJoins, intentHash, joinAddress, wantedFiles, type WantedFiles } from './wantedFiles.ts'

/** A node as it should be, and the files that make it so. */
export interface Wanted extends WantedNode {
  /** What the stage would write. */
  readonly write: WantedFiles
}

/** A joining server or an agent; which files are right can only be said once the cluster is formed. */
export async function wantedJoiner(
  session: ClusterSession,
  stage: StageArguments,
  node: NodeArguments,
): Promise<Wanted> {
  const kind: ConfigKind = node.role === 'worker' ? 'worker' : 'joining'
  return wanted(session, stage, node, kind, joinAddress(stage), [joinAddress(stage)])
}

/**
 * The first server while it makes the cluster. Once it is told of the others its config is another one, and that is
 * right for it as well: `finish` is the stage that minds the difference.
 */
export async function wantedFirst(
  session: ClusterSession,
  stage: StageArguments,
  node: NodeArguments,
): Promise<Wanted> {
  const { state } = await session.bootstrap()
  const later = firstServerJoins(stage)
  return wanted(session, stage, node, 'initial', state === 'done' ? later : null, [null, later])
}

/** The first server at the end of the installation. */
export async function wantedFinished(
  session: ClusterSession,
  stage: StageArguments,
  node: NodeArguments,
): Promise<Wanted> {
  return wanted(session, stage, node, 'initial', firstServerJoins(stage), [firstServerJoins(stage)])
}

async function wanted(
  session: ClusterSession,
  { cluster }: StageArguments,
  node: NodeArguments,
  kind: ConfigKind,
  joins: string | null,
  alsoRight: readonly (string | null)[],
): Promise<Wanted> {
  const [secrets, { ca_hash }] = await Promise.all([session.secrets(), session.bootstrap()])
  const filesFor = (address: string | null) =>
    wantedFiles({ cluster, node, kind, joins: address, secrets, caHash: ca_hash })
  const write = filesFor(joins)
  const known = kind === 'initial' || ca_hash !== null
  return {
    version: cluster.version,
    write,
    files: known ? alsoRight.map(address => fileHashes(session.hashKey, filesFor(address))) : null,
    intent: intentHash(session.hashKey, write),
  }
}
