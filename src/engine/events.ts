import type { Json } from './stage.ts'

export const runStatuses = [
  'queued',
  'running',
  'awaiting_approval',
  'failed',
  'cancelled',
  'completed',
  'superseded',
] as const
export type RunStatus = (typeof runStatuses)[number]

export const stageStatuses = ['waiting', 'running', 'completed', 'skipped', 'failed', 'cancelled', 'blocked'] as const
export type StageStatus = (typeof stageStatuses)[number]

export const eventTypes = [
  'run-queued',
  'run-started',
  'run-taken-over',
  'run-awaiting-approval',
  'run-approved',
  'run-resumed',
  'run-cancel-requested',
  'run-failed',
  'run-cancelled',
  'run-completed',
  'run-superseded',
  'stage-started',
  'stage-retried',
  'stage-waiting',
  'stage-completed',
  'stage-skipped',
  'stage-failed',
  'stage-cancelled',
  'stage-blocked',
  'host-result',
  'progress',
] as const
export type EventType = (typeof eventTypes)[number]

/** What happened, in order. `(run, seq)` is unique, without gaps, and never changes. Log lines are not events. */
export interface RunEvent {
  readonly run: string
  readonly seq: number
  /** ISO 8601, the database's clock. */
  readonly at: string
  readonly type: EventType
  readonly stage: string | null
  readonly attempt: number | null
  readonly host: string | null
  /** One line for people. */
  readonly message: string
  readonly data: Json
}

/** A piece of an attempt's log. `offset` counts UTF-8 bytes since the attempt's start. */
export interface LogChunk {
  readonly run: string
  /** Orders the chunks of a run over all its stages; where a follower goes on. */
  readonly seq: number
  readonly stage: string
  readonly attempt: number
  readonly offset: number
  readonly text: string
}
