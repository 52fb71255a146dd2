import type { InstallationStage, NodeRole, NodeStatus } from './lifecycle.ts'

/** What is on record of a node, whatever is desired of it. */
export interface RecordedNode {
  readonly hostname: string
  readonly role: NodeRole
  /** As the file that was applied last named it. */
  readonly internal_ip: string
  readonly status: NodeStatus
  /** False when the desired state no longer names it; it stays until a run removes it. */
  readonly wanted: boolean
  readonly installed_version: string | null
  /** It was left out of what was done to the others, and is to be caught up; null when it is up to date. */
  readonly behind: { readonly since: string; readonly reason: string } | null
}

/** A run that has begun to uninstall a cluster and has not ended it. */
export interface BegunUninstall {
  readonly run: string
  /** Nodes that are off the record already. */
  readonly wiped: readonly string[]
  /** As it was asked for. */
  readonly keep_snapshots: boolean
  readonly destroy_machines: boolean
  readonly accepted: readonly string[]
}

/** What is on record of a cluster, before a new desired state is. */
export interface RecordedCluster {
  /** Kubernetes was made on it: what a cluster keeps for its life is settled. */
  readonly formed: boolean
  readonly installation_stage: InstallationStage | null
  /** As it was stored, perhaps by an earlier version with other rules. */
  readonly cluster_vars: Readonly<Record<string, unknown>>
  /** Null or absent: none. */
  readonly uninstalling?: BegunUninstall | null
  /** In the file's order, without removed ones. */
  readonly nodes: readonly RecordedNode[]
  /** Kinds of the stages that were ever begun on it; absent: none was. */
  readonly begun?: readonly string[]
  /** Others have made it; absent: Slipway has. */
  readonly registered?: {
    readonly distribution: string
    readonly version: string
    /** See `isIdentified`. */
    readonly identified: boolean
  }
}

/**
 * Whether somebody has ever logged in to a server of a cluster that is made: there its CA is read, and its tokens with it. One
 * that was discovered over its API alone is known by neither.
 */
export const isIdentified = ({ ca_hash }: { readonly ca_hash: string | null }): boolean => ca_hash !== null

/** A version is on record from the moment on at which a node works. */
export const wasMember = ({ status, installed_version }: Pick<RecordedNode, 'status' | 'installed_version'>): boolean =>
  installed_version !== null || status === 'active' || status === 'draining'
