import { type EventFilter, readAllEvents, readEvents, readLog } from './events.ts'
import { followPages, type Page } from './followPages.ts'
import type { Notices } from './notices.ts'
import { readRun } from './runs.ts'
import type { Database } from './tables.ts'
import { type LogChunk, type PlacedEvent, type RunEvent, endedStatuses } from '../contract/events.ts'

const page = 500
const logPage = 50

/** Events of a run as they come, from any process; ends when the run has ended and all was delivered. */
export function followEvents(
  database: Database,
  notices: Notices,
  run: string,
  after: number,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  const read = untilItEnds(database, run, last => readEvents(database, run, last, page))
  return followPages({ notices, wakenBy: ['event'], run, after, numberOf: ({ seq }) => seq, limit: page, read, signal })
}

/** Log chunks of a run, or of one of its stages, as they come; ends with the run. */
export function followLog(
  database: Database,
  notices: Notices,
  run: string,
  from: { readonly stage?: string; readonly after: number },
  signal: AbortSignal,
): AsyncIterable<LogChunk> {
  const read = untilItEnds(database, run, last => readLog(database, run, { ...from, after: last }, logPage))
  const { after } = from
  const wakenBy = ['log', 'event'] as const
  return followPages({ notices, wakenBy, run, after, numberOf: ({ seq }) => seq, limit: logPage, read, signal })
}

/** Events of all runs behind a place as they come, from any process; it does not end by itself. */
export function followAllEvents(
  database: Database,
  notices: Notices,
  filter: EventFilter,
  after: number,
  signal: AbortSignal,
): AsyncIterable<PlacedEvent> {
  const read = async (last: number): Promise<Page<PlacedEvent>> => {
    const { items, settled, drawn } = await readAllEvents(database, filter, last, page)
    return { items, next: settled < drawn ? 'look-soon' : 'wait', upTo: settled }
  }
  const numberOf = ({ position }: PlacedEvent) => Number(position.split('-')[1])
  return followPages({ notices, wakenBy: ['event'], run: null, after, numberOf, limit: page, read, signal })
}

const untilItEnds =
  <Item>(database: Database, run: string, read: (after: number) => Promise<Item[]>) =>
  async (after: number): Promise<Page<Item>> => {
    // The status first: what was written before the end is in the pages read after it.
    const { status } = await readRun(database, run)
    return { items: await read(after), next: endedStatuses.has(status) ? 'end' : 'wait' }
  }
