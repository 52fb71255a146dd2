import { expect, it } from 'vitest'
import { marksOf } from './nodeMarks.ts'

it('are what config.yaml says: a node’s own in place of the cluster’s, with what KEY+ adds, at commas', () => {
  const cluster_vars = { 'node-label': ['tier=web,zone=a'], extra: { 'node-taint+': 'gpu:NoExecute' } }
  expect(
    marksOf({ cluster_vars }, { hostname: 'w1', node_vars: { 'node-taint': ['dedicated=db:NoSchedule'] } }),
  ).toEqual({
    hostname: 'w1',
    labels: { tier: 'web', zone: 'a' },
    taints: [
      { key: 'dedicated', value: 'db', effect: 'NoSchedule' },
      { key: 'gpu', value: '', effect: 'NoExecute' },
    ],
  })
  expect(marksOf({ cluster_vars }, { hostname: 'w2', node_vars: { 'node-label': ['tier=db'] } }).labels).toEqual({
    tier: 'db',
  })
})
