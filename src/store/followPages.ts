import { setTimeout as sleep } from 'node:timers/promises'
import { isDatabaseAway } from '../engine/contract/databaseAway.ts'
import type { NoticeKind, Notices } from './notices.ts'
import { createWaker } from './waker.ts'

/** Net under the notifications, ms. */
const slowPoll = 5_000
/** Notices that come closer together than this are answered by one read, ms. */
const gather = 20
/** After a failed read, ms. */
const retryAfter = 500
/** While somebody has places that he has not committed: one who takes them back says nothing, ms. */
const unsettledPoll = 100

export interface Page<Item> {
  readonly items: readonly Item[]
  /** What a follower does who has these and found no more: there will be none; a notice comes; or perhaps none does. */
  readonly next: 'end' | 'wait' | 'look-soon'
  /** What was looked through, where that is more than what was found; it is not looked through again. */
  readonly upTo?: number
}

export interface Following<Item> {
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

/**
 * Reads a page, hands it out one by one (so a slow reader slows the reading, nothing piles up), and waits for a
 * notice when there is no more. Whoever reads an item by its number has read all before it: within a run the number is
 * counted up in the writing transaction under the run's row lock; over all runs it is read as far as it is settled.
 */
export async function* followPages<Item>(following: Following<Item>): AsyncIterable<Item> {
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
      if (found && found.items.length < limit) last = Math.max(last, found.upTo ?? last)
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
