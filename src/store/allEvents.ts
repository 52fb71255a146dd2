import type { PlacedEvent } from '../contract/events.ts'
import { placeBehind, readEventOrder } from './eventOrder.ts'
import { type EventFilter, placeBeforeNewest, readAllEvents } from './events.ts'
import { followAllEvents } from './follow.ts'
import type { Notices } from './notices.ts'
import type { Database } from './tables.ts'

/** Where a reader begins: behind a position that he has read up to, or with so many of the newest. */
export type Beginning = { readonly after: string } | { readonly newest: number }

/** The events of all runs, in the one order in which nobody passes one that is committed later. */
export interface AllEvents {
  /**
   * Place behind which the reader begins.
   * @throws SlipwayError `usage` when the position is of another database.
   */
  placeOf(filter: EventFilter, from: Beginning): Promise<number>
  read(filter: EventFilter, place: number, limit: number): Promise<readonly PlacedEvent[]>
  /** As they come, from any process, until the signal. */
  follow(filter: EventFilter, place: number, signal: AbortSignal): AsyncIterable<PlacedEvent>
}

export const allEvents = (database: Database, notices: Notices): AllEvents => ({
  async placeOf(filter, from) {
    if ('newest' in from) return placeBeforeNewest(database, filter, from.newest)
    return placeBehind(await readEventOrder(database), from.after)
  },
  read: async (filter, place, limit) => (await readAllEvents(database, filter, place, limit)).items,
  follow: (filter, place, signal) => followAllEvents(database, notices, filter, place, signal),
})
