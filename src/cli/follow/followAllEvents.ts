import { type EventType, type PlacedEvent, placedEventShape } from '../../contract/events.ts'
import { pageOf } from '../../contract/page.ts'
import type { Client } from '../client/client.ts'
import { parseEvents } from './parseEvents.ts'
import { reconnecting } from './reconnecting.ts'

/** Which events of all runs, and where they begin. */
export interface EventsQuery {
  /** What it is of: `/clusters/demo`, `/machines/w1`; empty: of all. */
  readonly of: string
  readonly types: readonly EventType[]
  readonly from: { readonly after: string } | { readonly newest: number }
  /** Goes on with what happens from now on; otherwise until the end of what is there. */
  readonly follow: boolean
}

const pageSize = 500

/** Events of all runs in their one order, each once; goes on after a lost connection where it was. */
export async function* followAllEvents(
  client: Client,
  query: EventsQuery,
  signal: AbortSignal,
  onLost: () => void = () => {},
): AsyncGenerator<PlacedEvent> {
  const { of, types, follow } = query
  const path = `${of}/events`
  let { from } = query
  const address = (more: Readonly<Record<string, string>>): string => {
    const begin = 'after' in from ? { after: from.after } : { newest: String(from.newest) }
    return `${path}?${new URLSearchParams({ ...begin, ...(types.length > 0 && { type: types.join(',') }), ...more })}`
  }
  const open = async () =>
    follow
      ? parseEvents(await client.stream(address({ follow: 'true' }), signal), placedEventShape)
      : readPages(client, address, after => (from = { after }), signal)
  for await (const event of reconnecting({ signal, onLost, open, isComplete: async () => !follow })) {
    from = { after: event.position }
    yield event
  }
}

const page = pageOf(placedEventShape)

async function* readPages(
  client: Client,
  address: (more: Readonly<Record<string, string>>) => string,
  goOn: (after: string) => void,
  signal: AbortSignal,
): AsyncGenerator<PlacedEvent> {
  for (;;) {
    const { items, next } = await client.get(address({ limit: String(pageSize) }), page, signal)
    yield* items
    if (next === null) return
    goOn(next)
  }
}
