import { expect, it } from 'vitest'
import type { PlannedOperation } from '../../contract/operations.ts'
import { isOfSameWish } from './interrupted.ts'

const eviction = { delete_emptydir_data: false, delete_unmanaged: false, timeout_s: 600 }
const drain = (...nodes: string[]): PlannedOperation => ({ operation: 'drain', nodes, ...eviction })
const removing = (nodes: string[], over: object = {}): PlannedOperation => ({
  operation: 'apply',
  remove: { nodes, returning: [], destroy_machines: false, ...eviction, ...over },
})
const uninstall = (keep_snapshots: boolean, destroy_machines = false): PlannedOperation => ({
  operation: 'uninstall',
  keep_snapshots,
  destroy_machines,
})

it.each([
  ['the same nodes are drained', drain('w1', 'w2'), drain('w1', 'w2'), true],
  ['others are', drain('w1'), drain('w1', 'w2'), false],
  ['others take pods again', { operation: 'uncordon', nodes: ['w2'] }, { operation: 'uncordon', nodes: ['w1'] }, false],
  ['it is another operation', { operation: 'uncordon', nodes: ['w1'] }, drain('w1'), false],
  ['the cluster goes in the same way', uninstall(true), uninstall(true), true],
  ['its machines go as well', uninstall(false, true), uninstall(false), false],
  ['its snapshots go as well', uninstall(false), uninstall(true), false],
  // Who has left meanwhile is not pruned any more; who is to leave as well has a stage of its own.
  ['fewer nodes leave', removing(['w2']), removing(['w1', 'w2']), true],
  ['pods may be lost', removing(['w1'], { delete_unmanaged: true }), removing(['w1']), false],
  ['a node is to join anew', removing(['w1'], { returning: ['w1'] }), removing(['w1']), false],
  ['nothing is said of who leaves', { operation: 'apply', remove: null }, removing(['w1']), true],
] satisfies [string, PlannedOperation, PlannedOperation, boolean][])(
  'whether it is enough to go on with a run where %s: by what was asked',
  (_what, asked, planned, expected) => {
    expect(isOfSameWish(asked, planned)).toBe(expected)
  },
)
