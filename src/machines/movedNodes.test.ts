import { expect, it } from 'vitest'
import type { RecordedNode } from '../domain/recordedCluster.ts'
import { movedNodes } from './movedNodes.ts'

const known = new Map([
  ['w1', { reached: '203.0.113.1', internal: '10.0.0.1' }],
  ['w2', { reached: '10.0.0.2', internal: '10.0.0.2' }],
])
const on = (internal_ip: string, status: RecordedNode['status'] = 'active'): RecordedNode => ({
  hostname: 'w1',
  role: 'worker',
  internal_ip,
  status,
  wanted: true,
  installed_version: null,
  behind: null,
})
const found = (before: RecordedNode, internal_ip: string, leaving: readonly string[] = []) =>
  movedNodes({ cluster: 'demo', nodes: [{ hostname: 'w1', internal_ip }] }, { nodes: [before] }, known, leaving)

it.each([
  ['another machine', 'machine:w1', 'machine:w2'],
  ['one that is not made yet', 'machine:w1', 'machine:w9'],
  ['a host of its own', 'machine:w1', '10.0.0.9'],
  ['a machine, from a host of its own', '10.0.0.9', 'machine:w2'],
])('a member is not moved to %s', (_what, before, after) => {
  expect(found(on(before), after)).toEqual([
    expect.objectContaining({
      name: 'node-on-another-machine',
      severity: 'error',
      message: `it is at ${before}, and is to be at ${after}: another host would join under its name`,
      remedy: expect.stringContaining('slipway node replace demo w1'),
    }),
  ])
})

it.each([
  ['it stays where it is', on('machine:w1'), 'machine:w1'],
  ['the same host is named otherwise', on('machine:w1'), '10.0.0.1'],
  ['the same host is named as a machine', on('10.0.0.2'), 'machine:w2'],
  ['neither is a machine', on('10.0.0.8'), '10.0.0.9'],
  ['it never was a member', on('machine:w1', 'failed'), 'machine:w2'],
])('nothing is said where %s', (_what, before, after) => {
  expect(found(before, after)).toEqual([])
})

it('one that leaves may come back elsewhere', () => {
  expect(found(on('machine:w1'), 'machine:w2', ['w1'])).toEqual([])
})
