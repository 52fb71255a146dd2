import { expect, it } from 'vitest'
import { podRange } from './pod-range.ts'

it('a node gives pods addresses of its own part of the range, of whichever family comes first', () => {
  expect(podRange('10.42.0.0/16', '10.0.0.11')).toBe('10.42.11.0/24')
  expect(podRange('10.42.0.0/16,fd00:42::/56', '10.0.0.11')).toBe('10.42.11.0/24')
  expect(podRange('10.42.0.0/22', '10.0.0.11')).toBe('10.42.3.0/24')
  expect(podRange('fd00:42::/56', 'fd00::11')).toBe('fd00:42:0:11::/64')
  expect(() => podRange('none', '10.0.0.11')).toThrow('not a range')
})
