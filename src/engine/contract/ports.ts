import type { RunRecords } from './records.ts'
import type { Registry } from './registry.ts'
import type { Subject } from '../../domain/subject.ts'
import type { Fence } from './stage.ts'

/** Ends processes by the marker in their environment, wherever they were reparented to. */
export interface Children {
  /**
   * All processes of an attempt (`SLIPWAY_ATTEMPT`), or of a worker (`SLIPWAY_WORKER`). Returns how many.
   * @param how `at-once`: also those that would end in good order by themselves, in their time.
   */
  end(of: { readonly attempt: string } | { readonly worker: string }, how?: 'at-once'): Promise<number>
}

/** Environment of an attempt's children: the marker by which leftovers are found. */
export const attemptEnvironment = (worker: string, attempt: string): Readonly<Record<string, string>> => ({
  SLIPWAY_WORKER: worker,
  SLIPWAY_ATTEMPT: attempt,
})

export const attemptName = (run: string, stage: string, attempt: number): string => `${run}/${stage}/${attempt}`

/** What the engine is given; it brings no I/O of its own but the clock. */
export interface EnginePorts {
  readonly records: RunRecords
  readonly registry: Registry
  readonly children: Children
  /**
   * Called before a run goes on that another worker had begun: raises the fence on the hosts it reaches, so that an
   * old play can't go on beside the new one. Hosts that can't be reached are not an error.
   */
  onTakeover(subject: Subject, fence: Fence, hosts: readonly string[], signal: AbortSignal): Promise<void>
  /** Takes secrets out of text before it is stored. */
  redact(text: string): string
  /** Seals outputs of stages; without it they are not stored. */
  seal?(json: string): string
  /** What happened to the worker itself, for its own log: a fixed message and fields. */
  report?(message: string, fields: Readonly<Record<string, unknown>>): void
}

export interface EngineLimits {
  /** Runs a worker executes at once. Default 10. */
  readonly runsAtOnce: number
  /** Stages a worker executes at once, over all runs. Default 64. */
  readonly stagesAtOnce: number
  /** ms that a lease lasts without being renewed; it is renewed six times as often. Default 12000. */
  readonly leaseTime: number
  /** ms before its end by which a worker that cannot renew has ended its children. Default 3000. */
  readonly leaseMargin: number
  /** ms that a stage may take to end after its signal; then its children are ended and it is left behind. Default 5000. */
  readonly grace: number
  /** ms between looks for work without a notification. Default 2000. */
  readonly poll: number
}

export const defaultLimits: EngineLimits = {
  runsAtOnce: 10,
  stagesAtOnce: 64,
  leaseTime: 12_000,
  leaseMargin: 3_000,
  grace: 5_000,
  poll: 2_000,
}
