import { sql } from 'kysely'
import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import type { Database } from './tables.ts'

/** The epochs of an installation, each with the place behind which it began, the oldest first. */
const epochsShape = z.array(z.object({ epoch: z.number(), after: z.number() }))
export type Epochs = readonly { readonly epoch: number; readonly after: number }[]

/**
 * The one order of all events, as far as it is known at a moment. An event's place comes from a counter that no writer
 * waits for, so it may be committed after one with a higher place; `settled` is as far as nothing comes in between.
 */
export interface EventOrder {
  readonly settled: number
  /** The highest place that was given away. */
  readonly drawn: number
  readonly epochs: Epochs
}

/** What is read by a later statement is whole up to `settled`; by the same statement it would not be. */
export async function readEventOrder(database: Database): Promise<EventOrder> {
  const { rows } = await sql<{ settled: number; drawn: number; epochs: unknown }>`
    SELECT settled, drawn, epochs FROM settled_places(), installation`.execute(database)
  const [row] = rows
  if (!row) throw new SlipwayError('internal', 'the database does not say of which installation it is')
  return { ...row, epochs: epochsShape.parse(row.epochs) }
}

/** What an event is called outside by its place: the same for ever, in this database and in every copy of it. */
export function positionOf(epochs: Epochs, place: number): string {
  const { epoch } = epochs.findLast(({ after }) => after < place) ?? { epoch: 0 }
  return `${epoch}-${place}`
}

/**
 * The place that a reader goes on behind, who has read up to a position: here, in a copy, or in what became of this
 * database before an earlier state of it was put back. What he has read of an epoch beyond its end here is in another
 * branch of its history; here he goes on where the next epoch began.
 * @throws SlipwayError `usage` when the position is of a database whose history this one does not share.
 */
export function placeBehind({ epochs, drawn }: Omit<EventOrder, 'settled'>, position: string): number {
  const [epoch = 0, place = 0] = position.split('-').map(Number)
  if (epoch === 0 && place === 0) return 0
  const index = epochs.findIndex(one => one.epoch === epoch)
  const next = epochs[index + 1]
  if (index < 0 || (!next && place > drawn))
    throw new SlipwayError('usage', `position ${position} is none of this database: it was read from another one`, {
      facts: { position },
      remedy:
        'Begin anew without `after` or `Last-Event-ID`: what was read elsewhere after a copy or a restore is not known here.',
    })
  return next ? Math.min(place, next.after) : place
}

/** Numbers that come later are behind all that are there, whatever brought the rows. Returns the highest. */
export async function settlePlaces(tx: Database): Promise<number> {
  const { rows } = await sql<{ last: number }>`
    SELECT greatest(drawn_places(), (SELECT coalesce(max(place), 0) FROM events)) AS last`.execute(tx)
  const last = rows[0]?.last ?? 0
  if (last > 0) await sql`SELECT setval('events_place_seq', ${last}::bigint)`.execute(tx)
  return last
}
