import type { StageContext, Unmet } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { OwnRelease } from '../components/detect.ts'
import type { Condition, Detected, FoundInstallation } from '../contract.ts'
import type { WantedChart } from './changes.ts'

/** What a release of Helm is made for. */
export interface ReleaseSubject {
  /** `chart web`, `component operator-pgo` */
  readonly about: string
  /** Of the release. */
  readonly name: string
  readonly namespace: string
  /** ms */
  readonly timeout: number
  /** Stages of this plan that bring the API where it does not answer now; the first is the one that is named. */
  readonly afterStages: readonly string[]
  /** Stages of components and charts of this plan that come before it, and may bring what it needs. */
  readonly needs: readonly string[]
  /** @throws SlipwayError `not-found` when nothing wants it any more; `chart-invalid`, `chart-unavailable`, `file-unreadable`. */
  read(context: StageContext, around: HelmSurroundings): Promise<WantedChart>
  /** What is waited for beside the workloads of the chart. Missing: nothing. */
  conditions?(): Promise<readonly Condition[]>
  /** Looks for what does the same and is no release of ours. Missing: there may be many of it. */
  readonly others?: OthersOf
}

/** What is there of somebody else's that does the same. */
export interface OthersOf {
  detect(client: ClusterClient, own: OwnRelease, call: Call): Promise<Detected>
  /** Names of definitions that lie in the templates of its chart. */
  readonly definitions: readonly string[]
  /** Why it cannot be used. Pure. */
  check(found: FoundInstallation): Unmet[]
}
