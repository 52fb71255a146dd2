import type { z } from 'zod'
import { eventData } from '../../contract/eventData.ts'
import type { EventType, RunEvent } from '../../contract/events.ts'
import { shortHash } from '../../domain/planHash.ts'

export type Told = Pick<RunEvent, 'type' | 'message' | 'data'>

/**
 * What an event says, in one line for people, made from its data. One that an earlier version recorded, without the data
 * of today, says it by its message.
 */
export const eventText = (event: Told): string => sentences[event.type]?.(event) ?? event.message

const told =
  <Shape extends z.ZodType>(shape: Shape, say: (data: z.output<Shape>, message: string) => string) =>
  ({ data, message }: Told): string => {
    const parsed = shape.safeParse(data)
    return parsed.success ? say(parsed.data, message) : message
  }

/** Of the others the message is all there is to say. */
const sentences: { readonly [Type in EventType]?: (event: Told) => string } = {
  'run-queued': told(
    eventData['run-queued'],
    ({ hash, by }, title) => `${title} (plan ${shortHash(hash)}, approved by ${by})`,
  ),
  'run-taken-over': told(
    eventData['run-taken-over'],
    ({ interrupted }) =>
      `goes on after its worker ended or gave it up; stages that were running: ${interrupted.length}`,
  ),
  'run-awaiting-approval': told(
    eventData['run-awaiting-approval'],
    ({ hash, stages }) =>
      `more would be done than was approved (${stages.map(({ title }) => title).join('; ')}): approve plan ${shortHash(hash)}`,
  ),
  'run-approved': told(eventData['run-approved'], ({ hash, by }) => `plan ${shortHash(hash)} approved by ${by}`),
  'run-resumed': told(
    eventData['run-resumed'],
    ({ by, as_planned }) => `resumed by ${by}${as_planned ? ', as planned' : ''}`,
  ),
  'run-cancel-requested': told(eventData['run-cancel-requested'], ({ by }) => `cancel asked for by ${by}`),
  'run-cancelled': told(eventData['run-cancelled'], ({ by }) =>
    by === null ? 'cancelled; it can be resumed' : `cancelled by ${by} before it went on`,
  ),
  'run-superseded': told(eventData['run-superseded'], data =>
    data.by === null
      ? `settled: plan ${shortHash(data.hash)} of ${data.approved_by} finds nothing left to do`
      : `superseded by run ${data.by}`,
  ),
  'stage-started': told(eventData['stage-started'], ({ executes }, title) =>
    executes ? title : `${title}: done, until it is ready`,
  ),
  'stage-retried': told(eventData['stage-retried'], ({ wait_s, message }) => `again in ${wait_s} s: ${message}`),
  'stage-waiting': told(eventData['stage-waiting'], data => {
    if (data.why === 'needs-approval') return `needs a new approval: ${data.reason}`
    return data.why === 'resumed' ? 'resumed' : 'its attempt was interrupted'
  }),
  'stage-cancelled': told(eventData['stage-cancelled'], ({ began, kept }) =>
    [began ? 'cancelled while it ran' : 'cancelled before it began', ...(kept ? [`not undone: ${kept}`] : [])].join(
      '; ',
    ),
  ),
  'stage-blocked': told(eventData['stage-blocked'], ({ needs }, message) =>
    needs.length > 0 ? `needs ${needs.join(', ')}` : message,
  ),
  'host-result': told(eventData['host-result'], ({ outcome, reason }) => reason ?? outcome),
  task: told(
    eventData.task,
    ({ outcome, seconds }, name) => `${name}: ${outcome}${seconds === null ? '' : ` in ${seconds.toFixed(1)} s`}`,
  ),
}
