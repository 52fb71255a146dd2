import { createParser } from 'eventsource-parser'
import { type Event, eventShape, runDetailShape } from '../../api/runs/shapes.ts'
import type { Client } from '../client/client.ts'
import { reconnecting } from './reconnecting.ts'

/** A run in one of these is worked on by nobody. */
const restingStatuses: ReadonlySet<string> = new Set(['failed', 'cancelled', 'completed', 'superseded'])

/** Events of a run behind `from`, each once and in order, until it ends; goes on after a lost connection. */
export async function* followEvents(
  client: Client,
  run: string,
  from: number,
  signal: AbortSignal,
  onLost: () => void = () => {},
): AsyncGenerator<Event> {
  let seen = from
  const events = reconnecting({
    signal,
    onLost,
    open: async () => parseEvents(await client.stream(`/runs/${run}/events?after=${seen}`, signal)),
    isComplete: async () => {
      const { status, seq } = await client.get(`/runs/${run}`, runDetailShape)
      return restingStatuses.has(status) && seq <= seen
    },
  })
  for await (const event of events) {
    if (event.seq <= seen) continue
    seen = event.seq
    yield event
  }
}

async function* parseEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<Event> {
  const found: Event[] = []
  const parser = createParser({ onEvent: ({ data }) => found.push(eventShape.parse(JSON.parse(data))) })
  const decoder = new TextDecoder()
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    yield* found.splice(0)
  }
}
