import type { DomainChange } from '../domain/changes.ts'
import type { NodeStatus } from '../domain/lifecycle.ts'
import type { AddressHolder, MachineStatus, StatePlace } from '../domain/machine.ts'
import type { HostAccess } from '../hosts/access.ts'
import type { StateBackend } from '../terraform/backend/stateBackend.ts'
import type { FreshPlans } from '../terraform/freshPlans.ts'
import type { Initialised } from '../terraform/initialised.ts'
import type { TerraformTool } from '../terraform/tool.ts'
import type { Provider } from './contract.ts'
import type { MachineSpec } from './spec.ts'

/** A machine as it is wanted, and what is on record of it. */
export interface WantedRecord {
  readonly name: string
  /** See `WantedMachine`. */
  readonly uid: string
  readonly spec: MachineSpec
  readonly provider: Provider
  /** Name of the provider that has made it as far as it is made. */
  readonly madeBy: string
  /** Null: it is not on record yet. */
  readonly status: MachineStatus | null
  readonly addresses: readonly string[]
  /** It has let us in since it was made: whatever is on it may be needed. */
  readonly answered: boolean
}

/** The node of a cluster that a machine is. */
export interface MachineUse {
  readonly cluster: string
  readonly hostname: string
  readonly status: NodeStatus
  /** The cluster has it, or had it. */
  readonly member: boolean
  /** Of a server: the other ones that are not at work as far as the record tells. */
  readonly serversAway: readonly string[]
}

/** What every operation on a machine has at hand. In a plan of one that is not on record nothing is stored by it. */
export interface MachineSession {
  readonly machine: string
  /** Private folder in memory (tmpfs), for what only a child of ours may read. */
  readonly directory: string
  /** The marker of this process for its children: of those that belong to no attempt. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * Folder in memory of what is done to a machine, by its uid: it is found again by whoever goes on when this process has
   * ended.
   */
  lasting(uid: string): string
  wanted(): Promise<WantedRecord>
  /** Content of a file that its settings name. @throws SlipwayError `file-unreadable`. */
  file(path: string): Promise<string>
  /** The Terraform state, in clear; of one in a backend as it was seen last; null: there is none. */
  state(): Promise<string | null>
  /** Where the state is; null: in the database. */
  place(): Promise<StatePlace | null>
  /** The backend that the server is given; null: none. @throws SlipwayError `terraform-backend-invalid`. */
  backend(): Promise<StateBackend | null>
  /** A state as it is stored. */
  sealState(clear: string, known: { readonly serial: number; readonly lineage: string }): DomainChange
  /** Its host at this address, with the host key that was pinned at its first contact. */
  hosts(address: string): Promise<HostAccess>
  /** Who else is reached at one of these addresses; null: nobody on record. */
  holderOf(addresses: readonly string[]): Promise<AddressHolder | null>
  use(): Promise<MachineUse | null>
  terraform(): Promise<TerraformTool>
  /** What modules are initialised with, for all machines. */
  readonly initialised: Initialised
  /** Plans that were shown a moment ago, of all machines. */
  readonly plans: FreshPlans
  /** Keeps a secret out of every log. */
  learn(secret: string): void
}

/** The workspaces of the backend in which states are kept. */
export interface BackendWorkspaces {
  /** The backend for people. */
  readonly title: string
  /** Those of others as well; null: it has none, and can't tell what there is. */
  readonly names: readonly string[] | null
}

/** Finds the session of a machine by its name. */
export type MachineSessionOf = (machine: string) => MachineSession
