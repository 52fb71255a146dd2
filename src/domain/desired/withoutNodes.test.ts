import { describe, expect, it } from 'vitest'
import type { NodeSpec } from '../cluster.ts'
import { SlipwayError } from '../errors.ts'
import type { RecordedNode } from '../recordedCluster.ts'
import { withoutNodes } from './withoutNodes.ts'

const node = (hostname: string, role: NodeSpec['role']): NodeSpec => ({ hostname, role, internal_ip: '10.0.0.1' })
const nodes = [
  node('w1', 'worker'),
  node('m1', 'initial_master'),
  node('m2', 'master'),
  node('m3', 'master'),
  node('w10', 'worker'),
]
const record = (status: RecordedNode['status'], hostname: string): RecordedNode => ({
  hostname,
  role: 'master',
  internal_ip: '10.0.0.1',
  status,
  wanted: true,
  installed_version: null,
  behind: null,
})
const active = { nodes: ['w1', 'm1', 'm2', 'm3', 'w10'].map(hostname => record('active', hostname)) }
const without = (names: readonly string[], successor: string | null = null, recorded = active) =>
  withoutNodes(nodes, { names, successor }, recorded).map(({ hostname, role }) => `${hostname} ${role}`)

const refusalOf = (work: () => unknown): SlipwayError => {
  try {
    work()
  } catch (error) {
    if (error instanceof SlipwayError) return error
  }
  throw new Error('it was not refused')
}

it('the others stay as they are, in their order', () => {
  expect(without(['w1', 'm3'])).toEqual(['m1 initial_master', 'm2 master', 'w10 worker'])
})

describe('where the first server leaves, its role has', () => {
  it('the first other one that is active', () => {
    expect(without(['m1'])).toEqual(['w1 worker', 'm2 initial_master', 'm3 master', 'w10 worker'])
    const failed = { nodes: active.nodes.map(each => (each.hostname === 'm2' ? record('failed', 'm2') : each)) }
    expect(without(['m1'], null, failed)).toContain('m3 initial_master')
    const behind = { since: '', reason: '' }
    const late = { nodes: active.nodes.map(each => (each.hostname === 'm2' ? { ...each, behind } : each)) }
    expect(without(['m1'], null, late)).toContain('m3 initial_master')
  })

  it('one that stays, when another one leaves as well', () => {
    expect(without(['m2', 'm1'])).toEqual(['w1 worker', 'm3 initial_master', 'w10 worker'])
  })

  it('the one that is named', () => {
    expect(without(['m1'], 'm3')).toEqual(['w1 worker', 'm2 master', 'm3 initial_master', 'w10 worker'])
  })

  it.each<[string, () => unknown, string]>([
    ['there is no other server', () => without(['m1', 'm2', 'm3']), 'Add another server first.'],
    ['a worker is named', () => without(['m1'], 'w1'), 'Name one of m2, m3.'],
    ['one that leaves is named', () => without(['m1', 'm2'], 'm2'), 'Name one of m3.'],
    ['nobody is active', () => without(['m1'], null, { nodes: [] }), '--successor m2'],
  ])('nobody, and that is refused, where %s', (_where, work, remedy) => {
    const refused = refusalOf(work)
    expect(refused.code).toBe('preflight-failed')
    expect(refused.findings).toMatchObject([{ name: 'no-successor', about: 'node m1' }])
    expect(refused.findings[0]?.remedy).toContain(remedy)
  })
})

it('a successor where the first server stays is a mistake, unless it has the role already, as when it is typed again', () => {
  expect(refusalOf(() => without(['m3'], 'm2')).code).toBe('usage')
  expect(without(['m3'], 'm1')).toContain('m1 initial_master')
})
