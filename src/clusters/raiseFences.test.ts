import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { SlipwayError } from '../domain/errors.ts'
import { raiseFences, throwRefusal, toldWhy } from './raiseFences.ts'

const hosts = Array.from({ length: 200 }, (_, index) => `w${index + 1}`)
const unreachable = new SlipwayError('host-unreachable', 'w2 does not answer')

it('raises the fence on at most 64 hosts at once, and on all of them', async () => {
  let running = 0
  let most = 0
  const raised: string[] = []
  await raiseFences(hosts, async host => {
    running += 1
    most = Math.max(most, running)
    await turn()
    running -= 1
    raised.push(host)
  })
  expect(most).toBe(64)
  expect(raised.toSorted()).toEqual(hosts.toSorted())
})

it('goes on with the others where one host cannot be reached, and says which it was', async () => {
  const missing = await raiseFences(['w1', 'w2', 'w3'], async host => {
    if (host === 'w2') throw unreachable
  })
  expect([...missing]).toEqual([['w2', unreachable]])
  expect(() => throwRefusal(missing)).not.toThrow()
})

it.each(['fence-refused', 'guard-refused'] as const)('calls everything off where a host answers %s', async code => {
  const missing = await raiseFences(['w1', 'w2', 'w3'], async host => {
    if (host === 'w2') throw unreachable
    if (host === 'w3') throw new SlipwayError(code, 'w3 is not ours')
  })
  expect(() => throwRefusal(missing)).toThrow('w3 is not ours')
})

it('tells of a host that failed without its fence what kept the fence from it', () => {
  const refusedByItself = new SlipwayError('fence-refused', 'w2: this host has no fence')
  const ok = { host: 'w1', outcome: 'changed' as const, recap: null, error: null }
  const told = toldWhy(
    [ok, { host: 'w2', outcome: 'failed', recap: null, error: refusedByItself }],
    new Map([['w2', unreachable]]),
  )
  expect(told).toEqual([ok, { host: 'w2', outcome: 'unreachable', recap: null, error: unreachable }])
})
