import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseAway } from '../engine/contract/databaseAway.ts'
import { type EventFilter, readAllEvents, readEvents, readLog } from './events.ts'
import type { NoticeKind, Notices } from './notices.ts'
import { readRun } from './runs.ts'
import type { Database } from './tables.ts'
import { createWaker } from './waker.ts'
import { type LogChunk, type PlacedEvent, type RunEvent, endedStatuses } from '../contract/events.ts'

/** Net under the notifications, ms. */
const slowPoll = 5_000
/** Notices that come closer together than this are answered by one read, ms. */
const gather = 20
/** After a failed read, ms. */
const retryAfter = 500
/** While somebody has places that he has not committed: one who takes them back says nothing, ms. */
const unsettledPoll = 100
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
  return follow({ notices, wakenBy: ['event'], run, after, numberOf: ({ seq }) => seq, limit: page, read, signal })
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
  return follow({ notices, wakenBy, run, after, numberOf: ({ seq }) => seq, limit: logPage, read, signal })
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
    const { items, unsettled } = await readAllEvents(database, filter, last, page)
    return { items, next: unsettled ? 'look-soon' : 'wait' }
  }
  const numberOf = ({ position }: PlacedEvent) => Number(position.split('-')[1])
  return follow({ notices, wakenBy: ['event'], run: null, after, numberOf, limit: page, read, signal })
}

interface Page<Item> {
  readonly items: readonly Item[]
  /** What a follower does who has these and found no more: there will be none; a notice comes; or perhaps none does. */
  readonly next: 'end' | 'wait' | 'look-soon'
}

interface Following<Item> {
  readonly notices: Notices
  readonly wakenBy: readonly NoticeKind[]
  /** Whose notices; null: those of every run. */
  readonly run: string | null
  readonly after: number
  readonly numberOf: (item: Item) => number
  /** So many items in a page; where there are fewer, there were no more. */
  readonly limit: number
  readonly read: (after: number) => Promise<Page<Item>>
  readonly signal: AbortSignal
}

const untilItEnds =
  <Item>(database: Database, run: string, read: (after: number) => Promise<Item[]>) =>
  async (after: number): Promise<Page<Item>> => {
    // The status first: what was written before the end is in the pages read after it.
    const { status } = await readRun(database, run)
    return { items: await read(after), next: endedStatuses.has(status) ? 'end' : 'wait' }
  }

/**
 * Reads a page, hands it out one by one (so a slow reader slows the reading, nothing piles up), and waits for a
 * notice when there is no more. Whoever reads an item by its number has read all before it: within a run the number is
 * counted up in the writing transaction under the run's row lock; over all runs it is read as far as it is settled.
 */
async function* follow<Item>(following: Following<Item>): AsyncIterable<Item> {
  const { notices, wakenBy, run, after, numberOf, limit, read, signal } = following
  const waker = createWaker(signal)
  const stop = wakenBy.map(kind => notices.on(kind, run, waker.wake))
  let last = after
  try {
    while (!signal.aborted) {
      waker.clear()
      const readAt = performance.now()
      const found = await unlessUnavailable(() => read(last))
      for (const item of found?.items ?? []) {
        yield item
        last = numberOf(item)
        if (signal.aborted) return
      }
      if (found?.next === 'end' && found.items.length === 0) return
      if (!found) await waker.wait(retryAfter)
      else if (found.items.length < limit && found.next !== 'end') {
        await waker.wait(found.next === 'wait' ? slowPoll : unsettledPoll)
        await pause(gather - (performance.now() - readAt), signal)
      }
    }
  } finally {
    for (const off of stop) off()
  }
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {})
}

/** Null while the database does not answer. */
async function unlessUnavailable<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (isDatabaseAway(error)) return null
    throw error
  }
}
