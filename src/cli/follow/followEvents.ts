import { hasEnded, runDetailShape } from '../../contract/runs.ts'
import type { Client } from '../client/client.ts'
import { parseEvents } from './parseEvents.ts'
import { reconnecting } from './reconnecting.ts'
import { type RunEvent, eventShape } from '../../contract/events.ts'

/**
 * Events of a run behind `from`, each once and in order, until nobody works on it any more: it ended, or waits for an
 * approval. Goes on after a lost connection.
 */
export async function* followEvents(
  client: Client,
  run: string,
  from: number,
  signal: AbortSignal,
  onLost: () => void = () => {},
): AsyncGenerator<RunEvent> {
  let seen = from
  let waits = false
  const look = () => client.get(`/runs/${run}`, runDetailShape, signal)
  yield* reconnecting({
    signal,
    onLost,
    open: async () => unseen(parseEvents(await client.stream(`/runs/${run}/events?after=${seen}`, signal), eventShape)),
    isComplete: async () => {
      if (waits) return true
      const now = await look()
      return hasEnded(now) && now.seq <= seen
    },
  })

  async function* unseen(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
    for await (const event of events) {
      if (event.seq <= seen) continue
      // It may be a pause of long ago. Asked before the event counts as seen: when the answer is lost, it comes again.
      if (event.type === 'run-awaiting-approval') {
        const { status, seq } = await look()
        waits = status === 'awaiting_approval' && seq <= event.seq
      }
      seen = event.seq
      yield event
      if (waits) return
    }
  }
}
