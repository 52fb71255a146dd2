import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quorumWithout, removalOf } from './quorum.ts'

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

/**
 * Raft, by hand: a change of the members is written by a leader that a majority of those of before hears; from then on a
 * majority of those of after has to be alive, or nothing is ever written again.
 */
function model(health: readonly boolean[], leaving: number): boolean {
  const alive = (members: readonly boolean[]) => members.filter(Boolean).length * 2 > members.length
  const left = health.filter((_, index) => index !== leaving)
  return alive(health) && left.length > 0 && alive(left)
}

describe('the removal of a voter', () => {
  it('is allowed exactly where the model allows it: 1 to 7 servers, in every health, in every order', () => {
    // Every order of removals leads through these states; each is looked at once.
    const states = new Set<string>()
    const remove = (health: readonly boolean[]): void => {
      const state = health.join()
      if (states.has(state)) return
      states.add(state)
      const voters = new Map(health.map((isHealthy, index) => [`m${index}`, isHealthy]))
      for (const leaving of health.keys()) {
        const allowed = removalOf(voters, `m${leaving}`).refused === null
        expect(allowed).toBe(model(health, leaving))
        if (allowed) remove(health.filter((_, index) => index !== leaving))
      }
    }
    for (let servers = 1; servers <= 7; servers++)
      for (let pattern = 0; pattern < 2 ** servers; pattern++)
        remove(Array.from({ length: servers }, (_, index) => (pattern & (1 << index)) !== 0))
    expect(states.size).toBe(2 ** 8 - 2)
  })

  it.each([
    ['the last one', 1, 0, 'up0', 'last'],
    ['a dead one of three', 2, 1, 'down0', null],
    ['a healthy one beside a dead one', 2, 1, 'up0', 'no-majority-after'],
    ['one of two', 2, 0, 'up1', null],
    ['a dead one of two', 1, 1, 'down0', 'no-majority-now'],
    ['a dead one beside two more', 2, 3, 'down0', 'no-majority-now'],
    ['one that votes no more', 3, 0, 'gone', null],
  ])('%s: %i healthy, %i dead, without %s: %s', (_what, healthy, dead, leaving, refused) => {
    expect(removalOf(voters(healthy, dead), leaving).refused).toBe(refused)
  })

  it('shows its sum', () => {
    expect(removalOf(voters(5, 0), 'up0')).toEqual({
      now: { voters: 5, healthy: 5, needed: 3, kept: true },
      after: { voters: 4, healthy: 4, needed: 3, kept: true },
      refused: null,
    })
  })
})
