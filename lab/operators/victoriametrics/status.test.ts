import { expect, it } from 'vitest'
import type { Work } from '../kind.ts'
import { vmClusters } from './cluster.ts'

it.each([
  ['v0.48.4', { clusterStatus: 'operational' }],
  ['v0.50.0', { updateStatus: 'operational', observedGeneration: 3 }],
  ['v0.60.0', { updateStatus: 'operational', observedGeneration: 3, clusterStatus: 'operational' }],
  ['v0.74.1', { updateStatus: 'operational', observedGeneration: 3 }],
  ['latest', { updateStatus: 'operational', observedGeneration: 3 }],
])('an operator %s calls what is well %j', (tag, status) => {
  const nothing = () => Promise.reject(new Error('nothing is asked'))
  const work: Work = {
    operator: { namespace: 'own', watches: null, image: `victoriametrics/operator:${tag}`, environment: {} },
    database: undefined,
    list: () => [],
    get: nothing,
    exists: nothing,
    apply: nothing,
    merge: nothing,
    remove: nothing,
    amend: nothing,
  }
  const resource = {
    kind: 'VMCluster',
    metadata: { name: 'vm', namespace: 'shop', uid: 'u', resourceVersion: '1', generation: 3 },
    spec: {},
  }
  expect(vmClusters.ready(resource, work)).toEqual(status)
})
