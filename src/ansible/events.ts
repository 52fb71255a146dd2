import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'

const taskOutcomes = ['start', 'ok', 'changed', 'failed', 'ignored', 'unreachable', 'skipped'] as const

const recap = z.object({
  ok: z.number(),
  changed: z.number(),
  failed: z.number(),
  unreachable: z.number(),
  skipped: z.number(),
  rescued: z.number(),
  ignored: z.number(),
})

/** What ansible/run.py and the callback plugin write, one object a line. */
const playbookEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('inventory'), hosts: z.number(), ansible: z.string() }),
  z.object({ event: z.literal('inventory-mismatch'), differences: z.array(z.string()) }),
  z.object({ event: z.literal('play'), play: z.string(), hosts: z.array(z.string()) }),
  z.object({
    event: z.literal('task'),
    host: z.string(),
    task: z.string(),
    outcome: z.enum(taskOutcomes),
    /** s; absent at the start. */
    seconds: z.number().optional(),
    message: z.string().optional(),
    /** A code of the error catalogue, from a module of ours. */
    code: z.string().optional(),
    fence: z.json().optional(),
    /** Facts a module of ours reports; never secret. */
    data: z.json().optional(),
  }),
  z.object({ event: z.literal('stats'), hosts: z.record(z.string(), recap) }),
])

export type PlaybookEvent = z.infer<typeof playbookEvent>
export type TaskEvent = Extract<PlaybookEvent, { event: 'task' }>

/** Counts of tasks on one host, as Ansible sums them up. */
export type HostRecap = z.infer<typeof recap>

/** Cuts what arrives into lines and hands on each event. Returns a function to be fed with chunks of text. */
export function eventReader(onEvent: (event: PlaybookEvent) => void): (text: string) => void {
  let rest = ''
  return text => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onEvent(parseEvent(line))
  }
}

function parseEvent(line: string): PlaybookEvent {
  try {
    return playbookEvent.parse(JSON.parse(line))
  } catch (error) {
    throw new SlipwayError('internal', 'the event callback of Ansible wrote something else than an event', {
      cause: error,
    })
  }
}
