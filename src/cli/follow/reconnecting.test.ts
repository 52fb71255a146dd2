import { afterEach, expect, it, vi } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { reconnecting } from './reconnecting.ts'

let now = 0
vi.spyOn(performance, 'now').mockImplementation(() => now)
afterEach(() => {
  now = 0
})

const lost = () => new SlipwayError('server-unreachable', 'gone')
const minutes = 60_000

/** A connection that gives items, holds for a while, and is lost. */
async function* connection(items: readonly string[], held: number): AsyncGenerator<string> {
  yield* items
  now += held
  throw lost()
}

async function follow(open: readonly (() => AsyncIterable<string>)[]) {
  const items: string[] = []
  let losses = 0
  let opened = 0
  const source = reconnecting({
    signal: new AbortController().signal,
    open: async () => open[Math.min(opened++, open.length - 1)]?.() ?? connection([], 0),
    isComplete: async () => true,
    onLost: () => (losses += 1),
  })
  for await (const item of source) items.push(item)
  return { items, losses }
}
async function* last(): AsyncGenerator<string> {
  yield 'last'
}

it('a second outage has its own time, also when nothing was said between the two', async () => {
  const quiet = () => connection([], 10 * minutes)
  const outages = [() => connection(['first'], 0), quiet, quiet, last]
  expect(await follow(outages)).toEqual({ items: ['first', 'last'], losses: 3 })
})

it('connections that break at once are one outage, which ends after a minute', async () => {
  const broken = () => {
    now += minutes / 4
    return connection([], 0)
  }
  await expect(follow([broken])).rejects.toMatchObject({
    code: 'server-unreachable',
    message: expect.stringContaining('has not come back'),
  })
})
