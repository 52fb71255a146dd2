import { expect, it } from 'vitest'
import { type ScaledNode, standingOf } from './standing.ts'

const node = (hostname: string, over: Partial<ScaledNode> = {}): ScaledNode => ({
  hostname,
  role: hostname.startsWith('m') ? 'master' : 'worker',
  status: 'active',
  wanted: true,
  installed_version: 'v1.34.1+rke2r1',
  behind: null,
  ...over,
})
const m1 = node('m1', { role: 'initial_master' })
const fresh = { status: 'pending', installed_version: null } as const
const late = { since: '2026-01-01T00:00:00Z', reason: 'it was off' }

it('nodes are counted by role and status, each once', () => {
  const { nodes } = standingOf([m1, node('w1'), node('w2', { status: 'failed' }), node('w3', { behind: late })])
  expect(nodes).toEqual({ initial_master: { active: 1 }, master: {}, worker: { active: 1, failed: 1, behind: 1 } })
})

it.each([
  ['one server', [m1], { on_record: 1, active: 1, needed: 1, may_fail: 0 }],
  ['three', [m1, node('m2'), node('m3')], { on_record: 3, active: 3, needed: 2, may_fail: 1 }],
  [
    'one of three is failed',
    [m1, node('m2', { status: 'failed' }), node('m3')],
    { on_record: 3, active: 2, needed: 2, may_fail: 0 },
  ],
  [
    'two of three are behind',
    [m1, node('m2', { behind: late }), node('m3', { behind: late })],
    { on_record: 3, active: 1, needed: 2, may_fail: 0 },
  ],
  ['one that never joined has no vote', [m1, node('m2', fresh)], { on_record: 1, active: 1, needed: 1, may_fail: 0 }],
  ['none yet', [node('w1')], { on_record: 0, active: 0, needed: 1, may_fail: 0 }],
])('how many servers may fail: %s', (_what, nodes, servers) => {
  expect(standingOf(nodes).servers).toEqual(servers)
})

it('who comes was never a member, and who goes is one that is not wanted', () => {
  expect(standingOf([m1, node('w4', fresh), node('w3', { wanted: false, status: 'draining' })])).toMatchObject({
    joining: ['w4'],
    leaving: ['w3'],
  })
})
