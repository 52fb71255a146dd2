import { describe, expect, it } from 'vitest'
import { catalogue } from './catalogue.ts'
import { installedBy, type OperatorMarks, watchesNamespace } from './installed.ts'
import type { LabObject } from './objects.ts'

const marksOf = (kind: string): OperatorMarks => {
  const found = catalogue.find(({ kinds }) => kinds.some(one => one.kind === kind))
  if (!found) throw new Error(`nobody stands for the operator of ${kind}`)
  return found.marks
}

/** A Deployment in the namespace `own`, of whose pods one is available. */
const deployment = (labels: Record<string, string>, container: object, availableReplicas = 1): LabObject => ({
  metadata: { name: 'x', namespace: 'own', uid: 'u', resourceVersion: '1', labels },
  spec: { template: { spec: { containers: [{ name: 'beside', image: 'x' }, container] } } },
  status: { availableReplicas },
})
const pgo = { 'app.kubernetes.io/name': 'pgo' }
const grafana = { 'app.kubernetes.io/name': 'grafana-operator' }
const openSearch = { 'control-plane': 'controller-manager' }

describe('the operator of a Deployment', () => {
  it.each([
    ['PostgresCluster', pgo, { name: 'operator' }, null],
    [
      'PostgresCluster',
      pgo,
      { name: 'operator', env: [{ name: 'PGO_TARGET_NAMESPACE', valueFrom: { fieldRef: {} } }] },
      ['own'],
    ],
    ['Grafana', grafana, { name: 'grafana-operator', env: [{ name: 'WATCH_NAMESPACE', value: '' }] }, null],
    ['Grafana', grafana, { name: 'grafana-operator', env: [{ name: 'WATCH_NAMESPACE', value: 'a, b' }] }, ['a', 'b']],
    [
      'OpenSearchCluster',
      openSearch,
      { name: 'operator-controller-manager', args: ['--leader-elect', '--watch-namespace=a,b-c'] },
      ['a', 'b-c'],
    ],
  ] as const)('of %s with %j and %j watches %j', (kind, labels, container, watches) => {
    const installed = installedBy(marksOf(kind), deployment({ ...labels }, { image: 'x:1', ...container }))
    expect(installed).toMatchObject({ namespace: 'own', watches, image: 'x:1' })
    expect(installed && watchesNamespace(installed, 'elsewhere')).toBe(watches === null)
  })

  it('is none without its labels, its container or a pod', () => {
    const marks = marksOf('PostgresCluster')
    const container = { name: 'operator', image: 'x:1' }
    expect(installedBy(marks, deployment(pgo, container))).not.toBeNull()
    expect(installedBy(marks, deployment(grafana, container))).toBeNull()
    expect(installedBy(marks, deployment(pgo, { name: 'another', image: 'x:1' }))).toBeNull()
    expect(installedBy(marks, deployment(pgo, container, 0))).toBeNull()
  })
})
