import { describe, expect, it } from 'vitest'
import type { FoundNode } from '../../distributions/discovery/foundNodes.ts'
import type { ClusterSpec, NodeSpec } from '../../domain/cluster.ts'
import type { NodeStatus } from '../../domain/lifecycle.ts'
import { type Before, differencesOf, goneNodes, statusOf, waitingNodes } from './differences.ts'

const found = (hostname: string, over: Partial<FoundNode> = {}): FoundNode => ({
  hostname,
  role: 'worker',
  internal_ip: '10.0.0.1',
  external_ip: null,
  version: 'v1',
  failure: null,
  ...over,
})
const wanted = (hostname: string, over: Partial<NodeSpec> = {}): NodeSpec => ({
  hostname,
  internal_ip: '10.0.0.1',
  role: 'worker',
  ...over,
})
const state = (hostname: string, status: NodeStatus = 'active', installed_version: string | null = 'v1') => ({
  hostname,
  status,
  installed_version,
  last_error: null,
})
const spec = (nodes: NodeSpec[], over: Partial<ClusterSpec> = {}): ClusterSpec => ({
  distribution: 'rke2',
  version: 'v1',
  nodes,
  ...over,
})
const told = (before: Before | null, nodes: readonly FoundNode[], after: ClusterSpec) =>
  differencesOf(before, { spec: after, nodes }).map(({ kind, about, message }) => `${kind} ${about}: ${message}`)

describe('what is another than on record', () => {
  const one = { spec: spec([wanted('w1')]), nodes: [state('w1')] }

  it('is nothing where all is as it was, and all of it where nothing is on record', () => {
    expect(told(one, [found('w1')], spec([wanted('w1')]))).toEqual([])
    expect(told(null, [found('w1', { failure: 'Kubelet: down' })], spec([wanted('w1')]))).toEqual([
      'new node w1: worker at 10.0.0.1, v1, not ready: Kubelet: down',
    ])
  })

  it('is told of each node by what has changed, in order of what is found', () => {
    const before = {
      spec: spec([wanted('w1'), wanted('w2')]),
      nodes: [state('w1'), state('w2'), state('w3', 'removed')],
    }
    const now = [found('w1', { version: 'v2', failure: 'NodeStatusUnknown: silent' }), found('w3', { role: 'master' })]
    expect(told(before, now, spec([wanted('w1', { internal_ip: '10.0.0.9' }), wanted('w3')]))).toEqual([
      'changed node w1: internal_ip: 10.0.0.1 → 10.0.0.9',
      'changed node w1: status: active → failed (NodeStatusUnknown: silent)',
      'changed node w1: version: v1 → v2',
      'new node w3: master at 10.0.0.1, v1',
      'gone node w2: the cluster has no Node of it any more',
    ])
  })

  it('is told of the cluster key by key', () => {
    const before = { spec: spec([wanted('w1')], { cluster_vars: { cni: 'canal', debug: true } }), nodes: [state('w1')] }
    const after = spec([wanted('w1', { node_vars: { 'node-label': ['a=b'] } })], {
      version: 'v2',
      cluster_vars: { debug: true },
    })
    expect(told(before, [found('w1')], after)).toEqual([
      'changed cluster: version: v1 → v2',
      'changed cluster: cni: canal → none',
      'changed node w1: node-label: none → ["a=b"]',
    ])
  })
})

it('a node that is drained stays so, and one that is not ready has failed, whatever it was', () => {
  expect(statusOf(found('w1'), state('w1', 'draining'))).toBe('draining')
  expect(statusOf(found('w1', { failure: 'down' }), state('w1', 'draining'))).toBe('failed')
  expect(statusOf(found('w1'), state('w1', 'failed'))).toBe('active')
  expect(statusOf(found('w1'), undefined)).toBe('active')
})

it('who is wanted and has never worked is waited for, and who has worked and is not there is gone', () => {
  const before = {
    spec: spec([wanted('w1'), wanted('w2'), wanted('w3')]),
    nodes: [state('w1', 'pending', null), state('w2'), state('w3', 'failed', null)],
  }
  expect(waitingNodes(before, []).map(({ hostname }) => hostname)).toEqual(['w1', 'w3'])
  expect(goneNodes(before, [])).toEqual(['w2'])
  expect(waitingNodes(before, [found('w1')]).map(({ hostname }) => hostname)).toEqual(['w3'])
})
