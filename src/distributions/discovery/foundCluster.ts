import type { AdoptedConfiguration } from '../../domain/adoptedConfiguration.ts'
import type { ClusterFile, SshSettings } from '../../domain/cluster.ts'
import type { Finding } from '../../domain/errors.ts'
import type { PinnedKey } from '../../hosts/hostKeys.ts'
import type { FoundNode } from './foundNodes.ts'
import type { ClusterKind } from './kind.ts'

/** How the machines of a cluster are logged in to, with the contents of the files that are named. */
export interface Login {
  readonly ssh: SshSettings
  /** By the path as `ssh` writes it. */
  readonly files: Readonly<Record<string, string>>
}

/** What is on record of a cluster that was discovered before. */
export interface KnownCluster {
  readonly desired: ClusterFile
  /** Null: nobody has ever logged in to its machines. */
  readonly login: Login | null
  readonly hostKeys: readonly PinnedKey[]
  /** Hostname of the first server; null: there is none. */
  readonly first: string | null
  /** In clear. */
  readonly kubeconfig: string | null
}

export interface LookRequest {
  readonly cluster: string
  /** As it was given; null: the one on record, or that of the server. */
  readonly kubeconfig: string | null
  /** A server to log in to: its address or DNS name. Null: those on record, where they were logged in to before. */
  readonly server: (Login & { readonly host: string }) | null
  readonly known: KnownCluster | null
}

/** Whose cluster it is, and its secrets, as one of its servers tells them. In clear. */
export interface ServerReading {
  /** Name of its own Node. */
  readonly node: string
  /** As it is to be used from elsewhere. */
  readonly kubeconfig: string
  readonly token: string
  readonly agent_token: string
  readonly ca_hash: string
  readonly etcd_cluster: string
  readonly findings: readonly Finding[]
}

/** A cluster as its API shows it. */
export interface ShownCluster {
  readonly kind: ClusterKind
  readonly version: string
  /** uid of the namespace kube-system: as good as an id of the cluster. */
  readonly uid: string
  readonly nodes: readonly FoundNode[]
  readonly findings: readonly Finding[]
}

/** A cluster as it was found, and what there is to store of it. */
export interface FoundCluster {
  readonly desired: ClusterFile
  readonly nodes: readonly FoundNode[]
  readonly uid: string
  /** In clear. */
  readonly kubeconfig: string
  /** Address at which its API was asked. */
  readonly api_endpoint: string
  /** Null: no server was logged in to. */
  readonly server: Omit<ServerReading, 'kubeconfig' | 'node' | 'findings'> | null
  readonly files: Readonly<Record<string, string>>
  readonly hostKeys: readonly PinnedKey[]
  readonly adopted: ReadonlyMap<string, AdoptedConfiguration>
  /** What people should know of it. */
  readonly findings: readonly Finding[]
}

export type LookAtCluster = (request: LookRequest, signal: AbortSignal) => Promise<FoundCluster>
