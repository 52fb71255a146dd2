import { z } from 'zod'
import type { EventType } from './events.ts'
import { jsonShape } from './json.ts'
import { storedError, storedErrorShape } from './runs.ts'
import { decisionShape } from './plan.ts'

const hash = z.string()
const stages = z.array(z.string()).readonly()
/** Who asked for it. */
const by = z.string()
const error = storedErrorShape
const none = z.null()

/**
 * What happened, as data, for each type of event; who shows it makes the sentence. An event that an earlier version
 * recorded may lack some of it, or all: its message says it then.
 */
export const eventData = {
  'run-queued': z.object({ hash, by, accepted: z.array(z.string()).readonly(), warnings: z.int() }).readonly(),
  'run-started': z.object({ worker: z.string() }).readonly(),
  /** `interrupted`: stages that were under way. */
  'run-taken-over': z.object({ worker: z.string(), children_ended: z.int(), interrupted: stages }).readonly(),
  /** `more`: what of `now` was not approved. */
  'run-awaiting-approval': z
    .object({
      hash,
      stages: z
        .array(
          z
            .object({
              stage: z.string(),
              title: z.string(),
              approved: decisionShape.nullable(),
              now: decisionShape,
              more: jsonShape,
            })
            .readonly(),
        )
        .readonly(),
    })
    .readonly(),
  /** `stages`: those whose decision is another one now. */
  'run-approved': z.object({ hash, by, stages }).readonly(),
  /** `stages`: those that are to be done again. */
  'run-resumed': z.object({ by, as_planned: z.boolean(), stages }).readonly(),
  'run-cancel-requested': z.object({ by }).readonly(),
  'run-failed': error,
  /** `by` null: its worker has ended it, as was asked for before. */
  'run-cancelled': z.object({ by: by.nullable() }).readonly(),
  /** `without`: stages that may fail, and have, with those that needed them. */
  'run-completed': z.union([none, z.object({ without: stages }).readonly()]),
  /** By another run; or by a plan that found nothing left to do, with who asked for that. */
  'run-superseded': z
    .union([z.object({ by: z.string() }), z.object({ by: z.null(), hash, approved_by: z.string() })])
    .readonly(),
  /** Its message is the title. `executes` false: an earlier attempt has done all, it is only waited for. */
  'stage-started': z.object({ executes: z.boolean() }).readonly(),
  /** The error that it is tried again after. */
  'stage-retried': storedError.extend({ wait_s: z.number() }).readonly(),
  'stage-waiting': z
    .discriminatedUnion('why', [
      z.object({ why: z.enum(['resumed', 'interrupted']) }),
      z.object({ why: z.literal('needs-approval'), reason: z.string() }),
    ])
    .readonly(),
  'stage-completed': none,
  'stage-skipped': z.object({ reason: z.string() }).readonly(),
  'stage-failed': error,
  'stage-cancelled': z
    .object({
      began: z.boolean(),
      kept: z.string().nullable().optional().describe('Why it still holds what it was to let go of, as a cordon'),
    })
    .readonly(),
  /** `needs`: stages that it needs and that did not complete; none when the run ended before its turn. */
  'stage-blocked': z.object({ needs: stages }).readonly(),
  'host-result': z
    .object({
      outcome: z.enum(['ok', 'changed', 'failed', 'unreachable', 'skipped']),
      reason: z.string().nullable(),
    })
    .readonly(),
  /** Its message is the name of the task. */
  task: z.object({ outcome: z.enum(['changed', 'failed', 'unreachable']), seconds: z.number().nullable() }).readonly(),
  /** Its message is what a stage says of itself. */
  progress: none,
} satisfies Record<EventType, z.ZodType>

export type EventData<Type extends EventType> = z.input<(typeof eventData)[Type]>
