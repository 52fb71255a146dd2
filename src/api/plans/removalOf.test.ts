import { expect, it } from 'vitest'
import type { RecordedNode } from '../../domain/recordedCluster.ts'
import { removalOf } from './removalOf.ts'

const eviction = { delete_emptydir_data: false, delete_unmanaged: true, timeout_s: 60, destroy_machines: false }
const node = (hostname: string, over: Partial<RecordedNode> = {}): RecordedNode => ({
  hostname,
  role: 'worker',
  internal_ip: '10.0.0.1',
  status: 'active',
  wanted: true,
  installed_version: 'v1.34.1+rke2r1',
  behind: null,
  ...over,
})
const desired = { nodes: [{ hostname: 'm1' }, { hostname: 'w10' }] }
const unfinished = node('w3', { status: 'failed', installed_version: null })
const recorded = { nodes: [node('m1'), node('w1'), node('w10'), node('w2', { wanted: false }), unfinished] }

it('who is named leaves, and nobody else', () => {
  expect(removalOf({ nodes: ['w1'], prune: false, ...eviction }, desired, recorded)).toEqual({
    nodes: ['w1'],
    returning: [],
    ...eviction,
  })
})

it('to prune is to name every node on record that is not desired, also one that never became a member', () => {
  const pruned = removalOf({ nodes: [], prune: true, ...eviction }, desired, recorded)
  expect(pruned).toEqual(removalOf({ nodes: ['w1', 'w2', 'w3'], prune: false, ...eviction }, desired, recorded))
  expect(removalOf({ nodes: ['w2'], prune: true, ...eviction }, desired, recorded)?.nodes).toEqual(['w2', 'w1', 'w3'])
})

it('nobody leaves where all that is on record is desired, or nothing is on record', () => {
  const all = { nodes: recorded.nodes }
  expect(removalOf({ nodes: [], prune: true, ...eviction }, all, recorded)).toBeNull()
  expect(removalOf({ nodes: [], prune: true, ...eviction }, desired, null)).toBeNull()
})
