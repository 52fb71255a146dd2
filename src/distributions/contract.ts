import type { InventoryRoles } from '../ansible/inventory.ts'
import type { ClusterSession, KubeconfigReader, SessionOf } from '../clusters/session.ts'
import type { Removal, Uninstall } from '../contract/operations.ts'
import type { SeenHost, SeenMember } from '../contract/drift.ts'
import type { AdoptedConfiguration } from '../domain/adoptedConfiguration.ts'
import type { ClusterSpec, SshSettings } from '../domain/cluster.ts'
import type { ClusterFormat } from '../domain/clusterFile/format.ts'
import type { Finding, SlipwayError } from '../domain/errors.ts'
import type { RecordedCluster, RecordedNode } from '../domain/recordedCluster.ts'
import type { SnapshotReport } from '../domain/snapshots.ts'
import type { Need, StageContext, StageKind, StageRequest } from '../engine/contract/stage.ts'
import type { HostAccess } from '../hosts/access.ts'
import type { ServerReading, ShownCluster } from './discovery/foundCluster.ts'

/** What a pipeline is made from: nothing that has to be looked up. */
export interface OperationContext<Spec extends ClusterSpec = ClusterSpec> {
  readonly cluster: string
  readonly desired: Spec
  /** Null: the cluster was never applied. */
  readonly recorded: RecordedCluster | null
  /** Nodes that the desired state does not name, and that are to leave the cluster. Null: none may. */
  readonly remove: Removal | null
  /** Names of warnings that the user accepted. */
  readonly accepted: readonly string[]
}

/** The stages of an operation, and what stands in its way that is no matter of one stage. */
export interface Pipeline {
  readonly stages: readonly StageRequest[]
  readonly findings: readonly Finding[]
  /** After which of them the cluster can take its platform. Missing: it can take none. */
  readonly ready?: readonly Need[]
}

/** What the machines of a cluster show, beyond what there is to do on them. */
export interface Look {
  readonly hosts: readonly LookedHost[]
  /** What the server says that speaks for the cluster; null: none does. */
  readonly etcd: { readonly asked: string; readonly members: readonly SeenMember[] } | null
  /** What it found that no stage minds. */
  readonly findings: readonly Finding[]
}

/** A machine as it was seen, or why it was not. */
export type LookedHost = { readonly hostname: string } & (
  | { readonly host: SeenHost; readonly error: null }
  | { readonly host: null; readonly error: SlipwayError }
)

/** What the rest of Slipway knows of a way to make Kubernetes clusters of machines. */
export interface Distribution<Spec extends ClusterSpec = ClusterSpec> {
  /** What a cluster file says of it, and by which name. */
  readonly format: ClusterFormat<Spec>
  readonly inventory: InventoryRoles
  /** The code of its stages, over the sessions that they find by their cluster's name. */
  stages(sessionOf: SessionOf): readonly StageKind[]
  readonly operations: Operations<Spec>
  readonly discovery?: Discovery<Spec>
  /**
   * Tells what was seen of these nodes. What the stages of a plan have read before with the same observations is not
   * read again. Missing: nothing is told.
   */
  look?(
    session: ClusterSession,
    desired: Spec,
    nodes: readonly RecordedNode[],
    context: Pick<StageContext, 'observations' | 'signal'>,
  ): Promise<Look>
  /** Missing: on its servers no kubeconfig is read. */
  readonly readKubeconfig?: KubeconfigReader
  /**
   * Looks for snapshots of the cluster's data on these servers; reads only. Missing: it takes none.
   * @param servers hostnames of servers that are installed.
   */
  findSnapshots?(
    session: ClusterSession,
    desired: Spec,
    servers: readonly string[],
    signal: AbortSignal,
  ): Promise<SnapshotReport>
}

/** What can be asked for a cluster, each a pure function. `apply` computes the difference. One that is missing is not supported. */
export interface Operations<Spec extends ClusterSpec> {
  apply?(context: OperationContext<Spec>): Pipeline
  /** Of all that is on record of a cluster; its last stage takes it off the record. */
  uninstall?(context: UninstallContext<Spec>): Pipeline
}
export type Operation = keyof Operations<ClusterSpec>

export interface UninstallContext<Spec extends ClusterSpec = ClusterSpec>
  extends Omit<OperationContext<Spec>, 'recorded' | 'remove'>,
    Pick<Uninstall, 'keep_snapshots'> {
  readonly recorded: RecordedCluster
}

/** How a cluster that others have made goes on record. Reads only. */
export interface Discovery<Spec extends ClusterSpec> {
  /**
   * The desired state that is what was found. Pure.
   * @param before what is on record; null: nothing is.
   */
  specOf(found: FoundState, before: Spec | null): Spec
  /** What can be learnt by logging in to its machines. Missing: nothing is done there. */
  readonly overSsh?: DiscoveryOverSsh<Spec>
}

export interface DiscoveryOverSsh<Spec extends ClusterSpec> {
  /**
   * Who the cluster is, by one of its servers.
   * @throws SlipwayError `not-a-server`, and what `HostAccess.run` throws.
   */
  readServer(hosts: HostAccess, hostname: string, as: FutureOwner, signal: AbortSignal): Promise<ServerReading>
  /** Where the API of a cluster is reached from elsewhere. */
  apiUrl(spec: Spec): string
  /** The desired state with what the files on its machines say; a machine that cannot be reached is named. */
  readMachines(hosts: HostAccess, spec: Spec, look: MachinesLook, signal: AbortSignal): Promise<MachinesReading<Spec>>
}

/** Whose the cluster is to be, and under which name. */
export interface FutureOwner {
  readonly installation: string
  readonly cluster: string
}

export interface FoundState extends Pick<ShownCluster, 'version' | 'nodes'> {
  /** How its machines are logged in to, and whether at their addresses from outside; absent: nobody was. */
  readonly reached?: { readonly ssh: SshSettings; readonly outside: boolean }
}

export interface MachinesLook extends Pick<ServerReading, 'token' | 'agent_token' | 'ca_hash'> {
  /** Hex key for comparing files that hold secrets. */
  readonly hashKey: string
}

export interface MachinesReading<Spec extends ClusterSpec> {
  readonly spec: Spec
  readonly adopted: ReadonlyMap<string, AdoptedConfiguration>
  readonly findings: readonly Finding[]
}
