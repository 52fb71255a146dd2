import type { Registry } from '../engine/registry.ts'
import type { Sealer } from '../secrets/seal.ts'
import type { Store } from '../store/openStore.ts'
import type { LookForSnapshots } from './clusters/lookForSnapshots.ts'
import type { Planning } from './plans/draft.ts'
import type { PlannedDrafts } from './plans/plannedDrafts.ts'

/** What the API's actions work with; made by the process that serves them (src/worker), or by a test. */
export interface Application {
  readonly store: Store
  readonly sealer: Sealer
  /** Binds stages of clusters as they are stored: what a resume is checked with. */
  readonly registry: Registry
  readonly planning: Planning
  readonly lookForSnapshots: LookForSnapshots
  /** Plans that were shown lately, so that an approved one need not be made anew. */
  readonly drafts: PlannedDrafts
  /** Whether this process executes runs: from the start, once somebody wants it, or not at all. */
  readonly executes: 'always' | 'on-demand' | 'never'
  /** Somebody starts or follows a run: from now on this process executes runs, unless it never does. */
  wantWorker(): void
  /** Version of Slipway, and this start of the server. */
  readonly version: string
  readonly instance: string
}
