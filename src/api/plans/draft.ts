import type { Learnt } from '../../clusters/learnt.ts'
import type { ApiNodes } from '../../clusters/apiNodes.ts'
import type { Look, Pipeline } from '../../distributions/contract.ts'
import type { ClusterFile } from '../../domain/cluster.ts'
import type { KeyFile } from '../../domain/clusterFile/keyFiles.ts'
import type { Finding } from '../../domain/errors.ts'
import type { Leftover } from '../../platform/leftovers.ts'
import type { RecordedCluster, RecordedNode } from '../../domain/recordedCluster.ts'
import type { PlannedOperation } from '../../contract/operations.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import type { Registry } from '../../engine/contract/registry.ts'

/** A desired state that may not be stored yet, with the secrets it names. */
export interface Draft {
  readonly desired: ClusterFile
  /** The files that it names. */
  readonly keyFiles: readonly KeyFile[]
  /** Contents of the key files, by the path as the cluster file writes it. */
  readonly files: Readonly<Record<string, string>>
  /** What is to be done with it. */
  readonly operation: PlannedOperation
  /** Names of warnings that are accepted; sorted, each once. */
  readonly accepted: readonly string[]
  /** The cluster file as it was written; null: it is about what is stored, with more or fewer nodes. */
  readonly written: ClusterFile | null
  /** What the request does to the nodes of a cluster that is on record. */
  readonly membership: Membership
  /** What is to be known of the request, and stands in nobody's way. */
  readonly notes?: readonly Finding[]
}

/** A draft before it is said what is done with it, and what of it is accepted. */
export type DesiredDraft = Omit<Draft, 'operation' | 'accepted'>

export interface Membership {
  /** What was found when the wish was compared with what is on record. */
  readonly findings: readonly Finding[]
  /** Nodes that the file does not name and that stay. */
  readonly kept: readonly string[]
  /** Nodes that were removed, and come back. */
  readonly returning: readonly { readonly hostname: string; readonly removed: string }[]
  /** The file that was applied last named other nodes: another file is to be compared with this one from now on. */
  readonly isNewFile: boolean
}

export const sameNodes: Membership = { findings: [], kept: [], returning: [], isNewFile: false }

/** How a draft becomes stages that can be looked at. Nothing is stored by it. */
export interface Planning {
  /** @param draft `operation` null: nothing is to be done, and what there is, is to be looked at */
  open(
    draft: Omit<Draft, 'operation'> & { readonly operation: PlannedOperation | null },
    recorded: RecordedCluster | null,
  ): Promise<OpenPlan>
}

/** The pipeline of a draft, over its hosts. */
export interface OpenPlan extends Pipeline {
  readonly registry: Registry
  /** What there is to store with the desired state, once the stages have been looked at. */
  learnt(): Promise<Learnt>
  /** What is seen of nodes on record, with what the stages have read already. */
  look(
    nodes: readonly RecordedNode[],
    context: Pick<StageContext, 'observations' | 'signal'>,
  ): Promise<Look & { readonly api: ApiNodes }>
  /** What is on the cluster of this installation, and is not of the desired platform. @throws SlipwayError as `withClusterApi` says. */
  leftovers(signal: AbortSignal): Promise<readonly Leftover[]>
  /** Removes what was written for this draft (keys in memory files); connections stay warm. */
  close(): Promise<void>
}
