import type { PlaybookEvent } from '../../ansible/events.ts'
import type { PlayedHost } from '../../ansible/failures.ts'
import type { HostVariables } from '../../ansible/inventory.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import type { HostAccess } from '../../hosts/access.ts'
import type { NodeArguments } from './arguments.ts'

/** The right to make a new cluster, used once (C9). */
export interface Bootstrap {
  readonly state: 'unused' | 'claimed' | 'done'
  readonly machine_id: string | null
  readonly joiner_started: boolean
  /** sha256 of the cluster's CA, hex; known once the first server is ready. */
  readonly ca_hash: string | null
  /** Hex id of its etcd cluster; null until it is known, as above, and on a record of before it was kept. */
  readonly etcd_cluster: string | null
}

export interface ClusterSecrets {
  readonly token: string
  readonly agent_token: string
  /** Whether `token_file` holds another token than the one the cluster goes by. */
  readonly token_differs: boolean
  /** Logins for registries.yaml, by registry. */
  readonly registry_auth: Readonly<Record<string, { readonly username: string; readonly password: string }>>
  /** Values of a server's config.yaml that are secret, by key. */
  readonly config: Readonly<Record<string, string>>
}

/** A playbook on some nodes of the cluster, with what it is to know. */
export interface NodesPlay {
  readonly playbook: string
  readonly nodes: readonly NodeArguments[]
  readonly common: HostVariables
  readonly hosts: Readonly<Record<string, HostVariables>>
  readonly onEvent?: (event: PlaybookEvent) => void
}

/**
 * What the stages of one cluster have at hand: its hosts, its secrets, and what the store knows of it. A plan against a
 * file that was never applied has a session of its own, in which nothing is stored.
 */
export interface ClusterSession {
  hosts(): Promise<HostAccess>
  /** All nodes of the cluster: machines of other stages, with which those of one are compared. */
  nodes(): Promise<readonly NodeArguments[]>
  /** This installation's identity; hosts remember whose they are. */
  readonly installation: string
  /** Hex key for comparing files that hold secrets. */
  readonly hashKey: string
  bootstrap(): Promise<Bootstrap>
  secrets(): Promise<ClusterSecrets>
  /** The kubeconfig that is kept, in clear; null when there is none. */
  kubeconfig(): Promise<string | null>
  /** The kubeconfig as it is stored: sealed. */
  sealKubeconfig(clear: string): string
  /** Runs a playbook under the attempt's fence; every host has a result, and some may have failed. */
  play(play: NodesPlay, context: AttemptContext): Promise<readonly PlayedHost[]>
}

/** Finds the session of a cluster by its name; opened on first use. */
export type Sessions = (cluster: string) => ClusterSession
