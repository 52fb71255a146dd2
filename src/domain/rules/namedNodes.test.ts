import { expect, it } from 'vitest'
import type { RecordedNode } from '../recordedCluster.ts'
import { namedNodeFindings, noRoomFindings, removalFindings } from './namedNodes.ts'

const node = (hostname: string, over: Partial<RecordedNode> = {}): RecordedNode => ({
  hostname,
  role: hostname.startsWith('m') ? 'master' : 'worker',
  internal_ip: '10.0.0.1',
  status: 'active',
  wanted: true,
  installed_version: 'v1.34.1+rke2r1',
  behind: null,
  ...over,
})
const recorded = { nodes: [node('m1', { role: 'initial_master' }), node('w1'), node('w10')] }
const told = (findings: readonly { readonly name: string; readonly about: string }[]) =>
  findings.map(({ name, about }) => `${name} ${about}`)

it('who is named is on record, in the cluster, and named once', () => {
  expect(namedNodeFindings(['w1', 'w10'], recorded)).toEqual([])
  expect(told(namedNodeFindings(['w1', 'w2', 'w1'], recorded))).toEqual([
    'named-twice node w1',
    'node-not-on-record node w2',
  ])
  const nodes = [node('w1', { status: 'pending', installed_version: null })]
  expect(told(namedNodeFindings(['w1'], { nodes }))).toEqual(['not-a-member node w1'])
})

it('of many nodes on record only the first are told', () => {
  const nodes = Array.from({ length: 40 }, (_, index) => node(`w${index}`))
  expect(namedNodeFindings(['x'], { nodes })[0]?.remedy).toBe('Name one of w0, w1, w2, w3, w4, w5, w6, w7, w8, w9 ….')
})

it.each([
  ['one of two workers', ['w1'], recorded.nodes, []],
  ['the last worker that takes pods', ['w1', 'w10'], recorded.nodes, ['no-room-for-pods cluster']],
  [
    'the last one beside a drained one',
    ['w1'],
    [node('w1'), node('w10', { status: 'draining' })],
    ['no-room-for-pods cluster'],
  ],
  ['a server where servers run the pods', ['m1'], [node('m1'), node('m2')], []],
  ['the only node there is', ['m1'], [node('m1')], ['no-room-for-pods cluster']],
])('pods find another place without %s', (_what, names, nodes, findings) => {
  expect(told(noRoomFindings(names, { nodes }))).toEqual(findings)
})

it('who leaves is not named by the file any more', () => {
  const desired = { nodes: [{ hostname: 'm1' }, { hostname: 'w1' }] }
  expect(told(removalFindings({ nodes: ['w1', 'w10'], returning: [] }, desired, recorded))).toEqual([
    'removed-and-named node w1',
    'no-room-for-pods cluster',
  ])
  expect(removalFindings({ nodes: ['w10'], returning: [] }, desired, recorded)).toEqual([])
  expect(told(removalFindings({ nodes: ['w1'], returning: ['w1'] }, desired, recorded))).toEqual([])
  expect(told(removalFindings({ nodes: ['w10'], returning: [] }, desired, null))).toContain(
    'node-not-on-record node w10',
  )
})

it('who never became a member may leave, and leaves no pods without a place', () => {
  const unfinished = { status: 'failed', installed_version: null } as const
  const nodes = [
    node('m1', { role: 'initial_master' }),
    node('w1', unfinished),
    node('w2', { ...unfinished, status: 'pending' }),
  ]
  expect(removalFindings({ nodes: ['w1', 'w2'], returning: [] }, { nodes: [{ hostname: 'm1' }] }, { nodes })).toEqual(
    [],
  )
})

it('the last worker leaves room where another one joins, or where it joins anew', () => {
  const nodes = [node('m1', { role: 'initial_master' }), node('w1')]
  const wanted = (...workers: readonly string[]) => ({
    nodes: [{ hostname: 'm1' }, ...workers.map(hostname => ({ hostname, role: 'worker' as const }))],
  })
  const leaving = { nodes: ['w1'], returning: [] }
  expect(told(removalFindings(leaving, wanted(), { nodes }))).toEqual(['no-room-for-pods cluster'])
  expect(removalFindings(leaving, wanted('w2'), { nodes })).toEqual([])
  expect(removalFindings({ nodes: ['w1'], returning: ['w1'] }, wanted('w1'), { nodes })).toEqual([])
})
