import { z } from 'zod'
import { jsonShape } from './json.ts'

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

/** Nobody works on such a run any more, though it may be resumed. */
export const endedStatuses: ReadonlySet<RunStatus> = new Set(['failed', 'cancelled', 'completed', 'superseded'])

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
  'task',
  'progress',
] as const
export type EventType = (typeof eventTypes)[number]

/** Data of a `task`: its message is the name of the task. */
export const taskData = z
  .object({ outcome: z.enum(['changed', 'failed', 'unreachable']), seconds: z.number().nullable() })
  .readonly()
export type TaskData = z.infer<typeof taskData>

/** What happened, in order. `(run, seq)` is unique, without gaps, and never changes. Log lines are not events. */
export const eventShape = z
  .object({
    run: z.string(),
    seq: z.int(),
    at: z.string().describe('ISO 8601, the clock of the database'),
    type: z.enum(eventTypes),
    stage: z.string().nullable(),
    attempt: z.int().nullable(),
    host: z.string().nullable(),
    message: z.string().describe('One line for people'),
    data: jsonShape,
  })
  .readonly()
export type RunEvent = z.infer<typeof eventShape>

const logChunk = z.object({
  run: z.string(),
  seq: z
    .int()
    .describe('Orders the pieces of a run over all its stages; give the last one as `after` to go on behind it'),
  stage: z.string(),
  attempt: z.int(),
  offset: z.int().describe('UTF-8 bytes since the start of the attempt'),
  text: z.string(),
})
/** A piece of an attempt's log. */
export type LogChunk = Readonly<z.infer<typeof logChunk>>

/** The same where the run is known. */
export const logPieceShape = logChunk.omit({ run: true }).readonly()
export type LogPiece = z.infer<typeof logPieceShape>
