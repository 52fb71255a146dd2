import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quorumWithout } from './quorum.ts'

const voters = (healthy: number, dead: number) =>
  new Map([
    ...Array.from({ length: healthy }, (_, index) => [`up${index}`, true] as const),
    ...Array.from({ length: dead }, (_, index) => [`down${index}`, false] as const),
  ])

describe('the quorum', () => {
  it.each([
    [3, 0, 'up0', true],
    [2, 1, 'up0', false],
    [2, 1, 'down0', true],
    [1, 0, 'up0', false],
    [2, 0, 'up0', false],
    [5, 0, 'up0', true],
    [4, 1, 'up0', true],
    [3, 2, 'up0', false],
  ])('of %i healthy and %i dead voters without %s: kept is %s', (healthy, dead, down, kept) => {
    expect(quorumWithout(voters(healthy, dead), down).kept).toBe(kept)
  })

  it('never counts a dead voter as healthy, nor leaves it out of the sum', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5 }), fc.nat({ max: 5 }), (healthy, dead) => {
        const sum = quorumWithout(voters(healthy, dead), 'nobody')
        expect(sum.kept).toBe(healthy > (healthy + dead) / 2)
      }),
    )
  })
})
