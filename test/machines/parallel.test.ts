import { afterAll, beforeAll, expect, it } from 'vitest'
import { openYard, type Yard } from './yard.ts'

/** Many machines at once, each by an OpenTofu of its own. `make soak PIECE=machines` takes 50. */
const count = process.env['SLIPWAY_SOAK'] ? 50 : 12
const names = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `m${from + at}`)

let yard: Yard
beforeAll(async () => {
  yard = await openYard(count)
  await yard.serve()
})
afterAll(() => yard?.[Symbol.asyncDispose]())

const all = (machines: readonly string[], operation: 'create' | 'destroy') =>
  Promise.all(machines.map(async name => [name, await yard.done(name, operation)] as const))

it('half of them are created while the other half is destroyed; those that nobody touches stay byte for byte', async () => {
  const half = count / 2
  const first = names(1, half)
  expect(await all(first, 'create')).toEqual(first.map(name => [name, 'completed']))
  const { m1: untouched } = await yard.states()
  // One fails among them, and is in nobody's way.
  yard.put(`m${count}`, 'fail')
  const second = names(half + 1, count)
  const [made, gone] = await Promise.all([all(second, 'create'), all(first.slice(1), 'destroy')])
  expect(made).toEqual(second.map(name => [name, name === `m${count}` ? 'failed' : 'completed']))
  expect(gone).toEqual(first.slice(1).map(name => [name, 'completed']))
  const states = await yard.states()
  expect(states['m1']).toBe(untouched)
  expect(Object.keys(states).toSorted()).toEqual(['m1', ...second].toSorted())
  expect(yard.there().toSorted()).toEqual(['m1', ...second].toSorted())
}, 600_000)
