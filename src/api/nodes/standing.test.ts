import { expect, it } from 'vitest'
import { countStandings, lastSeen } from './standing.ts'

const late = { since: '2026-01-02T00:00:00.000Z', reason: 'off' }

it('counts each node once, also one that is active on record and behind', () => {
  expect(
    countStandings([
      { status: 'active', behind: null },
      { status: 'active', behind: null },
      { status: 'active', behind: late },
      { status: 'failed', behind: late },
      { status: 'pending', behind: null },
    ]),
  ).toEqual({ active: 2, behind: 2, pending: 1 })
})

const node = { status: 'active' as const, behind: null, wanted: true, status_since: '2026-01-01T00:00:00.000Z' }
it.each([
  ['when it became active', node, null, node.status_since],
  ['when the last run was completed', node, '2026-01-03T00:00:00.000Z', '2026-01-03T00:00:00.000Z'],
  ['after the last completed run, which was before it', node, '2025-12-31T00:00:00.000Z', node.status_since],
  [
    'not by runs that it is no part of any more',
    { ...node, wanted: false },
    '2026-01-03T00:00:00.000Z',
    node.status_since,
  ],
  ['at no known time where it was left out', { ...node, behind: late }, '2026-01-03T00:00:00.000Z', null],
  ['not yet where it is set up', { ...node, status: 'installing' as const }, '2026-01-03T00:00:00.000Z', null],
])('a node was last seen %s', (_when, record, completed, seen) => {
  expect(lastSeen(record, completed)).toBe(seen)
})
