import { expect, it } from 'vitest'
import { eventText } from './eventText.ts'

it('a task is told with its outcome and time, where it has one', () => {
  const task = { type: 'task', message: 'Write the configuration' } as const
  expect(eventText({ ...task, data: { outcome: 'changed', seconds: 0.44 } })).toBe(
    'Write the configuration: changed in 0.4 s',
  )
  expect(eventText({ ...task, data: { outcome: 'unreachable', seconds: null } })).toBe(
    'Write the configuration: unreachable',
  )
})

it('all else is told as it says itself', () => {
  expect(eventText({ type: 'progress', message: 'waits', data: null })).toBe('waits')
})
