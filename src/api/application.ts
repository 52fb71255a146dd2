import type { LookAtCluster } from '../distributions/discovery/foundCluster.ts'
import type { Distributions } from '../distributions/distributions.ts'
import type { Registry } from '../engine/contract/registry.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Store } from '../store/openStore.ts'
import type { FindSnapshots } from './clusters/findSnapshots.ts'
import type { Planning } from './plans/draft.ts'
import type { BackendWorkspaces, MachineSession, MachineSessionOf } from '../machines/session.ts'
import type { MachineDraft, PlannedMachine } from './machines/wanted.ts'
import type { PlannedDrafts } from './plans/plannedDrafts.ts'

/**
 * Whether a process executes runs: from the start; once somebody starts or follows one; once somebody starts one (that of
 * a command that only looks: who followed a run on a server that was lost does not make it go on here); or not at all.
 */
export type Executes = 'always' | 'on-demand' | 'when-started' | 'never'

/** What the API's actions work with; made by the process that serves them (src/server), or by a test. */
export interface Application {
  readonly store: Store
  readonly sealer: Sealer
  readonly distributions: Distributions
  /** Binds stages of clusters as they are stored: what a resume is checked with. */
  readonly registry: Registry
  readonly planning: Planning
  /** Machines on record, and as a request describes them. */
  readonly machines: {
    readonly session: MachineSessionOf
    draft(draft: MachineDraft): MachineSession
    /** Of the backend for Terraform states; null: the server is given none. @throws SlipwayError where it does not answer. */
    workspaces(signal: AbortSignal): Promise<BackendWorkspaces | null>
  }
  readonly findSnapshots: FindSnapshots
  /** Looks at a cluster that others have made. */
  readonly lookAtCluster: LookAtCluster
  /** Plans that were shown lately, so that an approved one need not be made anew. */
  readonly drafts: PlannedDrafts
  readonly machineDrafts: PlannedDrafts<PlannedMachine>
  readonly executes: Executes
  /** Somebody started or follows a run: from now on this process executes runs, if that is a reason for it. */
  wantWorker(why: 'started' | 'followed'): void
  /** Version of Slipway, and this start of the server. */
  readonly version: string
  readonly instance: string
}
