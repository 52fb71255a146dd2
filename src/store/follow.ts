import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseAway } from '../engine/contract/databaseAway.ts'
import { readEvents, readLog } from './events.ts'
import type { NoticeKind, Notices } from './notices.ts'
import { readRun } from './runs.ts'
import type { Database } from './tables.ts'
import { type LogChunk, type RunEvent, endedStatuses } from '../contract/events.ts'

/** Net under the notifications, ms. */
const slowPoll = 5_000
/** Notices that come closer together than this are answered by one read, ms. */
const gather = 20
/** After a failed read, ms. */
const retryAfter = 500
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
  return follow(
    database,
    notices,
    'event',
    run,
    after,
    (last, limit) => readEvents(database, run, last, limit),
    page,
    signal,
  )
}

/** Log chunks of a run, or of one of its stages, as they come; ends with the run. */
export function followLog(
  database: Database,
  notices: Notices,
  run: string,
  from: { readonly stage?: string; readonly after: number },
  signal: AbortSignal,
): AsyncIterable<LogChunk> {
  const read = (last: number, limit: number) => readLog(database, run, { ...from, after: last }, limit)
  return follow(database, notices, 'log', run, from.after, read, logPage, signal)
}

/**
 * Reads a page, hands it out one by one (so a slow reader slows the reading, nothing piles up), and waits for a
 * notice when there is no more. The number is counted up in the writing transaction under the run's row lock:
 * whoever sees a number sees all before it.
 */
async function* follow<T extends { readonly seq: number }>(
  database: Database,
  notices: Notices,
  kind: NoticeKind,
  run: string,
  after: number,
  read: (after: number, limit: number) => Promise<T[]>,
  limit: number,
  signal: AbortSignal,
): AsyncIterable<T> {
  const waker = createWaker(signal)
  const stop = [notices.on(kind, run, waker.wake), ...(kind === 'event' ? [] : [notices.on('event', run, waker.wake)])]
  let last = after
  try {
    while (!signal.aborted) {
      waker.clear()
      const readAt = performance.now()
      const batch = await unlessUnavailable(async () => {
        // The status first: what was written before the end is in the pages read after it.
        const { status } = await readRun(database, run)
        return { ended: endedStatuses.has(status), items: await read(last, limit) }
      })
      for (const item of batch?.items ?? []) {
        yield item
        last = item.seq
        if (signal.aborted) return
      }
      if (batch?.ended && batch.items.length === 0) return
      if (!batch) await waker.wait(retryAfter)
      else if (batch.items.length < limit && !batch.ended) {
        await waker.wait(slowPoll)
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

function createWaker(signal: AbortSignal) {
  let awake = false
  let resolve: (() => void) | null = null
  const wake = (): void => {
    awake = true
    resolve?.()
  }
  return {
    wake,
    clear: () => {
      awake = false
    },
    async wait(limit: number): Promise<void> {
      if (awake || signal.aborted) return
      const { promise, resolve: end } = Promise.withResolvers<void>()
      const done = (): void => end()
      resolve = done
      const timer = setTimeout(done, limit)
      signal.addEventListener('abort', done, { once: true })
      await promise
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve = null
    },
  }
}
