import { expect, it, vi } from 'vitest'
import { Interrupted } from '../interrupted.ts'
import { dispatch, type Signal, takeSignals } from '../signals.ts'
import { holdSignals } from './interrupts.ts'

vi.spyOn(process.stderr, 'write').mockImplementation(() => true)

it('a held signal waits for whoever follows; a second one leaves without the server’s answer', () => {
  const taken: Signal[] = []
  const before = takeSignals(signal => taken.push(signal))
  const held = holdSignals()
  dispatch('SIGINT')
  expect(held.signal.aborted).toBe(false)
  dispatch('SIGTERM')
  expect(held.signal.reason).toBeInstanceOf(Interrupted)
  expect(taken).toEqual([])
  held.release()
  expect(taken).toEqual(['SIGINT', 'SIGTERM'])
  before()
})
