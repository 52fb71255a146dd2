import { describe, expect, it } from 'vitest'
import { SlipwayError } from './errors.ts'
import {
  type Leaving,
  nextNodeStatus,
  nodeEventsBetween,
  type NodeStatus,
  nodeStatuses,
  nodeTransitions,
  wayOut,
} from './lifecycle.ts'

const events = [...new Set(nodeTransitions.map(row => row.event))]

describe('the lifecycle of a node', () => {
  it.each(nodeTransitions.map(row => [row.from, row.event, row.to] as const))(
    '%s, %s: becomes %s',
    (from, event, to) => {
      expect(nextNodeStatus(from, event)).toBe(to)
    },
  )

  const others = nodeStatuses.flatMap(from =>
    events.flatMap(event =>
      nodeTransitions.some(row => row.from === from && row.event === event) ? [] : [[from, event] as const],
    ),
  )
  it.each(others)('%s, %s: is refused', (from, event) => {
    expect(() => nextNodeStatus(from, event)).toThrow(SlipwayError)
  })

  it('reaches every status from pending', () => {
    const reached = new Set(['pending'])
    for (let grown = true; grown; ) {
      const before = reached.size
      for (const row of nodeTransitions) if (reached.has(row.from)) reached.add(row.to)
      grown = reached.size > before
    }
    expect([...reached].toSorted()).toEqual([...nodeStatuses].toSorted())
  })

  const after = (from: NodeStatus, leaving: Leaving) => wayOut(from, leaving).reduce(nextNodeStatus, from)
  it('leads out of the cluster from everywhere', () => {
    for (const from of nodeStatuses) {
      expect(after(from, 'ended'), from).toBe('removed')
      expect(after(after(from, 'begun'), 'ended'), from).toBe('removed')
    }
  })

  it('says of one that is on its way out that it is, and of one that was only named nothing', () => {
    expect(nodeStatuses.map(from => after(from, 'begun'))).toEqual([
      'pending',
      'draining',
      'draining',
      'draining',
      'draining',
      'removed',
    ])
    expect(after(after('active', 'begun'), 'failed')).toBe('failed')
    expect(after(after('pending', 'begun'), 'failed')).toBe('pending')
  })

  it('leads from any status to any other one by the fewest events, as the table has them', () => {
    expect(nodeEventsBetween('active', 'active')).toEqual([])
    expect(nodeEventsBetween('active', 'failed')).toEqual(['install', 'fail'])
    expect(nodeEventsBetween('failed', 'active')).toEqual(['install', 'ready'])
    expect(nodeEventsBetween('removed', 'active')).toEqual(['return', 'install', 'ready'])
    expect(nodeEventsBetween('active', 'pending')).toHaveLength(3)
    for (const from of nodeStatuses)
      for (const to of nodeStatuses) expect((nodeEventsBetween(from, to) ?? []).reduce(nextNodeStatus, from)).toBe(to)
  })
})
