import { expect, it } from 'vitest'
import { type Doing, doingOf, tellDoing } from './doing.ts'

const change = (part: string, effect: 'create' | 'update' | 'restart') => ({
  effect,
  target: `node/w1/${part}`,
  summary: part,
})
const wait = change('membership', 'create')

it.each<[string, Parameters<typeof doingOf>[1], boolean, Doing]>([
  ['a machine that nobody knows', [change('config', 'create'), change('service', 'create'), wait], false, 'join'],
  ['a machine whose first start was broken off', [change('service', 'restart'), wait], false, 'join'],
  ['a member that was made anew', [change('config', 'create'), change('service', 'create'), wait], true, 'join'],
  ['a member with other settings', [change('config', 'update'), change('service', 'restart'), wait], true, 'change'],
  [
    'a member with other settings that is off',
    [change('config', 'update'), change('service', 'create'), wait],
    true,
    'change',
  ],
  ['a member whose labels are others', [change('config', 'update')], true, 'rewrite'],
  ['a member whose settings wait for a restart', [change('service', 'restart'), wait], true, 'restart'],
  ['a member that was stopped', [change('service', 'create'), wait], true, 'start'],
  ['a member that is not ready', [wait], true, 'wait'],
])('%s', (_what, changes, isMember, doing) => {
  expect(doingOf('w1', changes, isMember)).toBe(doing)
})

it('tells of each what is done to it, those of one kind together', () => {
  const doing = new Map<string, Doing>([
    ['w1', 'join'],
    ['w2', 'change'],
    ['w3', 'join'],
  ])
  expect(tellDoing(doing)).toBe('w1, w3 join; w2 gets other settings, and its service is restarted')
})
