import type { Selectable } from 'kysely'
import { z } from 'zod'
import { type EventType, eventTypes, type LogChunk, type PlacedEvent, type RunEvent } from '../contract/events.ts'
import type { Subject } from '../domain/subject.ts'
import { positionOf, readEventOrder } from './eventOrder.ts'
import { isOf, type OfSubject, subjectOf } from './subjects.ts'
import type { Database, Tables } from './tables.ts'

/** Events behind `after`, in their order. */
export async function readEvents(database: Database, run: string, after: number, limit: number): Promise<RunEvent[]> {
  const rows = await withSubjects(database)
    .where('run', '=', run)
    .where('events.seq', '>', after)
    .orderBy('events.seq')
    .limit(limit)
    .execute()
  return rows.map(runEvent)
}

/** Which events of all runs are meant. */
export interface EventFilter {
  readonly subject?: Subject
  readonly types?: readonly EventType[]
}

export interface PlacedEvents {
  readonly items: readonly PlacedEvent[]
  /** There are no others up to here, as far as there is room in the page. */
  readonly settled: number
  /** Where it is higher, others have places and are not committed yet: what comes behind them is told when they are. */
  readonly drawn: number
}

/** Events of all runs behind a place, in their one order; never one that an earlier one could still come before. */
export async function readAllEvents(
  database: Database,
  filter: EventFilter,
  after: number,
  limit: number,
): Promise<PlacedEvents> {
  const order = await readEventOrder(database)
  const rows = await filtered(database, filter)
    .where('place', '>', after)
    .where('place', '<=', order.settled)
    .orderBy('place')
    .limit(limit)
    .execute()
  return {
    items: rows.map(row => ({ ...runEvent(row), position: positionOf(order.epochs, row.place) })),
    settled: order.settled,
    drawn: order.drawn,
  }
}

/** The place behind which the newest `count` events are. */
export async function placeBeforeNewest(database: Database, filter: EventFilter, count: number): Promise<number> {
  const { settled } = await readEventOrder(database)
  if (count === 0) return settled
  const before = await filtered(database, filter)
    .where('place', '<=', settled)
    .orderBy('place', 'desc')
    .offset(count)
    .limit(1)
    .executeTakeFirst()
  return before?.place ?? 0
}

const withSubjects = (database: Database) =>
  database
    .selectFrom('events')
    .innerJoin('runs', 'runs.id', 'events.run')
    .select(['subject_kind', 'subject_name'])
    .selectAll('events')

const filtered = (database: Database, { subject, types }: EventFilter) =>
  withSubjects(database)
    .$call(query => (subject === undefined ? query : query.where(isOf(subject))))
    .$call(query => (types === undefined ? query : query.where('type', 'in', types)))

const runEvent = (row: Selectable<Tables['events']> & OfSubject): RunEvent => ({
  run: row.run,
  subject: subjectOf(row),
  seq: row.seq,
  at: row.at,
  type: z.enum(eventTypes).parse(row.type),
  stage: row.stage,
  attempt: row.attempt,
  host: row.host,
  message: row.message,
  data: z.json().parse(row.data),
})

/** Log chunks behind `after`, of all stages or of one, in the order in which they were written. */
export async function readLog(
  database: Database,
  run: string,
  from: { readonly stage?: string; readonly after: number },
  limit: number,
): Promise<LogChunk[]> {
  return database
    .selectFrom('log_chunks')
    .selectAll()
    .where('run', '=', run)
    .where('seq', '>', from.after)
    .$if(from.stage !== undefined, query => query.where('stage', '=', from.stage ?? ''))
    .orderBy('seq')
    .limit(limit)
    .execute()
}
