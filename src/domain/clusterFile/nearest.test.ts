import fc from 'fast-check'
import { expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

it.each([
  ['role', 'role', 0],
  ['role', 'rle', 1],
  ['role', 'roel', 1],
  ['ssh', 'sssh', 1],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
])('counts from %s to %s %i edits', (left, right, edits) => {
  expect(editDistance(left, right)).toBe(edits)
})

it('is symmetric and zero only for equal words', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
      expect(editDistance(left, right)).toBe(editDistance(right, left))
      expect(editDistance(left, right) === 0).toBe(left === right)
    }),
  )
})

it('guesses what was probably meant, and nothing where nothing is near', () => {
  const known = ['hostname', 'internal_ip', 'external_ip', 'role']
  expect(nearest('hostnme', known)).toBe('hostname')
  expect(nearest('Internal-IP', known)).toBe('internal_ip')
  expect(nearest('address', known)).toBeNull()
  expect(nearest('x'.repeat(10_000), known)).toBeNull()
})
