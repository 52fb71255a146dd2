import { expect, it } from 'vitest'
import { followPages, type Page } from './followPages.ts'
import { createNotices } from './notices.ts'

/** A follower of pages that are given; says behind which numbers it has asked. */
function following(pages: readonly Page<number>[], limit: number) {
  const asked: number[] = []
  const notices = createNotices()
  const stop = new AbortController()
  const read = async (after: number): Promise<Page<number>> => {
    const page = pages[asked.push(after) - 1]
    if (page) return page
    stop.abort()
    return { items: [], next: 'wait' }
  }
  const items = followPages<number>({
    notices,
    wakenBy: ['event'],
    run: null,
    after: 0,
    numberOf: number => number,
    limit,
    // A notice that comes while it reads is not missed.
    read: async after => {
      const page = await read(after)
      notices.receive('event r')
      return page
    },
    signal: stop.signal,
  })
  return { items, asked }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

it('a follower who finds little in much does not look through it again with every notice', async () => {
  const { items, asked } = following(
    [
      { items: [3, 7], next: 'wait', upTo: 90_000 },
      { items: [], next: 'look-soon', upTo: 90_010 },
      { items: [90_020], next: 'wait', upTo: 90_030 },
    ],
    500,
  )
  expect(await all(items)).toEqual([3, 7, 90_020])
  expect(asked).toEqual([0, 90_000, 90_010, 90_030])
})

it('a page that is full may have more behind it, whatever was looked through', async () => {
  const { items, asked } = following(
    [
      { items: [1, 2], next: 'wait', upTo: 50 },
      { items: [3], next: 'wait', upTo: 50 },
    ],
    2,
  )
  expect(await all(items)).toEqual([1, 2, 3])
  expect(asked).toEqual([0, 2, 50])
})

it('ends when there is no more, and not before all is told', async () => {
  const { items, asked } = following(
    [
      { items: [1, 2], next: 'end' },
      { items: [], next: 'end' },
    ],
    500,
  )
  expect(await all(items)).toEqual([1, 2])
  expect(asked).toEqual([0, 2])
})
