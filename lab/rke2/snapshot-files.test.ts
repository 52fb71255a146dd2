import { expect, it } from 'vitest'
import { scheduleOf, superfluous } from './snapshot-files.ts'

const of = (...names: string[]) => names.map(name => ({ name }))

it('keeps the newest snapshots of a name and leaves those of other names', () => {
  const all = of('nightly-h1-1', 'on-demand-h1-2', 'nightly-h1-3', 'nightly-h1-4')
  expect(superfluous(all, 'nightly-h1', 2)).toEqual(of('nightly-h1-1'))
  expect(superfluous(all, 'nightly-h1', 3)).toEqual([])
})

it('deletes nothing when told to keep none, as a mistake would cost everything', () => {
  expect(superfluous(of('nightly-h1-1'), 'nightly-h1', 0)).toEqual([])
})

// Observed on RKE2's own server code, v1.34.3+rke2r1.
it('a schedule that can not be read is none, without a word', () => {
  expect(scheduleOf('0 */12 * *')).toBeUndefined()
  expect(scheduleOf('0 */12 * * *')).toBeDefined()
  expect(scheduleOf(undefined)).toBeUndefined()
})
