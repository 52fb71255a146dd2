import type { PlaybookEvent } from '../ansible/events.ts'
import type { ForeignPlaybooks } from '../ansible/environment.ts'
import type { PlayedHost } from '../ansible/failures.ts'
import type { HostVariables, InventoryRoles } from '../ansible/inventory.ts'
import type { AdoptedConfiguration } from '../domain/adoptedConfiguration.ts'
import type { ClusterFile, NodeSpec } from '../domain/cluster.ts'
import type { AttemptContext, Observations, StageContext } from '../engine/contract/stage.ts'
import type { HostAccess } from '../hosts/access.ts'
import type { ClusterSecretName } from '../store/clusters.ts'

/** The right to make a new cluster, used once (C9), and by what the cluster that was made is known. */
export interface Bootstrap {
  readonly state: 'unused' | 'claimed' | 'done'
  readonly machine_id: string | null
  readonly joiner_started: boolean
  /** sha256 of the cluster's CA, hex; known once the first server is ready. */
  readonly ca_hash: string | null
  /** Hex id of its etcd cluster; null until it is known, as above, and on a record of before it was kept. */
  readonly etcd_cluster: string | null
}

/** A secret of the cluster, in clear. */
export interface ClusterSecret {
  readonly value: string
  /** It is on record; otherwise it was made up for a plan and is told to nobody before it is stored. */
  readonly kept: boolean
}

/** A playbook on some nodes of the cluster, with what it is to know. */
export interface NodesPlay {
  /** File name of a playbook of ours, or the absolute path of another one. */
  readonly playbook: string
  /** How the playbook sees the nodes. */
  readonly roles: InventoryRoles
  readonly nodes: readonly NodeSpec[]
  readonly common: HostVariables
  readonly hosts: Readonly<Record<string, HostVariables>>
  readonly onEvent?: (event: PlaybookEvent) => void
  /** Where the playbook is somebody else's, with roles and an Ansible of its own. */
  readonly foreign?: ForeignPlaybooks
}

/** A cluster as one of its servers is asked for its kubeconfig. */
export interface ServerQuestion {
  readonly desired: ClusterFile
  readonly hosts: HostAccess
  /** The recorded one, by which the kubeconfig is known to lead to the same cluster. */
  readonly ca_hash: string
}

/** Reads the administrator's kubeconfig on a server, as it is used from elsewhere. */
export type KubeconfigReader = (question: ServerQuestion, hostname: string, signal: AbortSignal) => Promise<string>

/**
 * What every operation on a cluster has at hand: its hosts, its secrets, and what the store knows of it. A plan against a
 * file that was never applied has a session of its own, in which nothing is stored.
 */
export interface ClusterSession {
  readonly cluster: string
  /** This installation's identity; hosts remember whose they are. */
  readonly installation: string
  /** Hex key for comparing files that hold secrets. */
  readonly hashKey: string
  /** Private folder in memory (tmpfs), for what only a child of ours may read. */
  readonly directory: string
  /** The marker of this process for its children: of those that belong to no attempt. */
  readonly environment: Readonly<Record<string, string>>
  desired(): Promise<ClusterFile>
  /**
   * The hosts of all desired nodes, and of those on record that the desired state no longer names: such a node runs on
   * until it was taken out of the cluster, and must be reachable for that.
   */
  hosts(): Promise<HostAccess>
  bootstrap(): Promise<Bootstrap>
  /** By hostname; empty unless the cluster was discovered. */
  adopted(): Promise<ReadonlyMap<string, AdoptedConfiguration>>
  /** What members of etcd are called that Slipway has named, by hostname; also those of nodes that were removed. */
  etcdMembers(): Promise<ReadonlyMap<string, string>>
  /** Content of a file that the cluster file names (a key, a password). @throws SlipwayError `file-unreadable`. */
  file(path: string): Promise<string>
  /** As `file`, of one that is no secret: its lines stand everywhere, and no log is searched for them. */
  openFile(path: string): Promise<string>
  /** Null when there is none. The log is not told of it as a whole: a kubeconfig has lines that stand everywhere. */
  secret(name: ClusterSecretName): Promise<string | null>
  /** The secret of this name; what `make` gives becomes it where there is none. */
  secretOr(name: ClusterSecretName, make: () => string): Promise<ClusterSecret>
  /** A secret as it is stored. */
  seal(name: ClusterSecretName, clear: string): string
  /**
   * The administrator's kubeconfig, as a server of the recorded cluster has it now; null where none is read on servers, or
   * nobody has ever logged in to them.
   * @throws SlipwayError `wrong-cluster` where the server is of another cluster, and what `HostAccess.run` throws.
   */
  freshKubeconfig(hostname: string, signal: AbortSignal): Promise<string | null>
  /** Keeps a secret that was read out of something else out of every log. */
  learn(secret: string): void
  /**
   * Where the context is of a stage that acts at once (`ahead`), loads Ansible for this playbook, on so many hosts: the
   * attempt's `play` finds it loaded. What goes wrong with it is told by the play.
   */
  startPlay(playbook: string, hosts: number, context: StageContext): void
  /** Read once as long as the session is open, for all stages: as `Observations`, a reading that failed is not kept. */
  read: Observations['read']
  /** Runs a playbook under the attempt's fence; every host has a result, and some may have failed. */
  play(play: NodesPlay, context: AttemptContext): Promise<readonly PlayedHost[]>
}

/** Finds the session of a cluster by its name; opened on first use. */
export type SessionOf = (cluster: string) => ClusterSession
