import { afterAll, beforeAll, expect, it } from 'vitest'
import { openYard, type Yard } from './yard.ts'

/** Many machines at once, each by an OpenTofu of its own. `make soak PIECE=machines` takes 50 at a time. */
const half = process.env['SLIPWAY_SOAK'] ? 50 : 6
const count = 2 * half
const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `m${from + at}`)

let yard: Yard
beforeAll(async () => {
  yard = await openYard(count)
  await yard.serve()
})
afterAll(() => yard?.[Symbol.asyncDispose]())

const all = (machines: readonly string[], operation: 'create' | 'destroy') =>
  Promise.all(machines.map(async name => [name, await yard.done(name, operation)] as const))

const statesOf = async (machines: readonly string[]) =>
  Object.fromEntries(Object.entries(await yard.states()).filter(([name]) => machines.includes(name)))

it('half of them are created while others are destroyed; whatever becomes of one, all others stay byte for byte', async () => {
  const first = names(1, half)
  expect(await all(first, 'create')).toEqual(first.map(name => [name, 'completed']))
  const untouched = first.slice(0, half / 2)
  const before = await statesOf(untouched)
  expect(Object.keys(before)).toEqual(untouched.toSorted())
  // One of each fails among them, and is in nobody's way.
  const [halfMade, halfGone] = [`m${count}`, `m${half}`]
  yard.put(halfMade, 'fail')
  yard.put(halfGone, 'fail-destroy')
  const second = names(half + 1, count)
  const leaving = first.slice(half / 2)
  const [made, gone] = await Promise.all([all(second, 'create'), all(leaving, 'destroy')])
  expect(made).toEqual(second.map(name => [name, name === halfMade ? 'failed' : 'completed']))
  expect(gone).toEqual(leaving.map(name => [name, name === halfGone ? 'failed' : 'completed']))
  expect(await statesOf(untouched)).toEqual(before)
  const left = [...untouched, ...second, halfGone].toSorted()
  expect(Object.keys(await yard.states())).toEqual(left)
  expect(yard.there().toSorted()).toEqual(left)

  // What was begun of one is taken back, and what was left of the other one goes.
  const others = left.filter(name => name !== halfMade && name !== halfGone)
  const kept = await statesOf(others)
  yard.take(halfGone, 'fail-destroy')
  expect(await all([halfMade, halfGone], 'destroy')).toEqual([halfMade, halfGone].map(name => [name, 'completed']))
  expect(await yard.states()).toEqual(kept)
  expect(yard.there().toSorted()).toEqual(others)
}, 600_000)
