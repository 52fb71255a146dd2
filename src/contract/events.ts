import { z } from 'zod'
import { subjectShape } from '../domain/subject.ts'
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

/** What happened, in order. `(run, seq)` is unique, without gaps, and never changes. Log lines are not events. */
const event = z.object({
  run: z.string(),
  subject: subjectShape.readonly().describe('What the run changes'),
  seq: z.int(),
  at: z.string().describe('ISO 8601, the clock of the database'),
  type: z.enum(eventTypes),
  stage: z.string().nullable(),
  attempt: z.int().nullable(),
  host: z.string().nullable(),
  message: z.string().describe('One line for people'),
  data: jsonShape,
})
export const eventShape = event.readonly()
export type RunEvent = z.infer<typeof eventShape>

/** A place in the order of all events: the epoch in which it was given away, and its number there. */
export const eventPosition = z.string().regex(/^\d{1,15}-\d{1,15}$/, 'the position of an event is needed')

/** As it is listed beside those of other runs. Within a run the order is the same as by `seq`. */
export const placedEventShape = event
  .extend({
    position: eventPosition.describe('Its place among the events of all runs; give it as `after` to go on behind it'),
  })
  .readonly()
export type PlacedEvent = z.infer<typeof placedEventShape>

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
