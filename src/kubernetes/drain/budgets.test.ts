import { describe, expect, it } from 'vitest'
import type { LabelSelector, Pod, PodDisruptionBudget } from '../resources.ts'
import { holdsOf, selects } from './budgets.ts'

const labels = { app: 'web', tier: 'front' }

it.each<[string, LabelSelector | undefined, boolean]>([
  ['none', undefined, false],
  ['an empty one', {}, true],
  ['a label', { matchLabels: { app: 'web' } }, true],
  ['a label of another value', { matchLabels: { app: 'web', tier: 'back' } }, false],
  ['In', { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'api'] }] }, true],
  ['In of others', { matchExpressions: [{ key: 'app', operator: 'In', values: ['api'] }] }, false],
  ['In of a label that it has not', { matchExpressions: [{ key: 'x', operator: 'In', values: ['web'] }] }, false],
  ['NotIn', { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
  ['NotIn of a label that it has not', { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['web'] }] }, true],
  ['Exists', { matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
  ['DoesNotExist', { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
  ['DoesNotExist of what objects have', { matchExpressions: [{ key: 'toString', operator: 'DoesNotExist' }] }, true],
  ['all of several', { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'x', operator: 'Exists' }] }, false],
])('a selector selects as in Kubernetes: %s', (_what, selector, expected) => {
  expect(selects(selector, labels)).toBe(expected)
})

const pod = (name: string, namespace = 'default'): Pod => ({
  metadata: { name, namespace, uid: name, resourceVersion: '1', labels },
  spec: {},
})
const budget = (name: string, rest: Partial<PodDisruptionBudget> = {}): PodDisruptionBudget => ({
  metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', generation: 1 },
  spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 3 },
  ...rest,
})
const words = new Map([['web-1', 'The disruption budget is gone.']])

describe('why a pod is held', () => {
  it('names the budget with its numbers, the pods, and how many more must be ready', () => {
    expect(holdsOf([pod('web-1'), pod('web-2')], [budget('web'), budget('other', { spec: {} })], words)).toEqual([
      {
        message:
          'budget default/web (minAvailable 2) holds default/web-1, default/web-2: disruptionsAllowed 0, currentHealthy 2, desiredHealthy 2, expectedPods 3',
        remedy:
          'Bring up 1 more of the pods of budget default/web, elsewhere: see why they are not ready (kubectl describe).',
      },
    ])
  })

  it('says that a budget never lets a pod go', () => {
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      currentHealthy: 2,
      desiredHealthy: 2,
      expectedPods: 2,
    }
    const spec = { maxUnavailable: 0, selector: {} }
    expect(holdsOf([pod('web-1')], [budget('web', { status, spec })], words)[0]?.remedy).toBe(
      'Budget default/web never lets one of its 2 pods go: give it more pods (replicas), or loosen its maxUnavailable 0.',
    )
  })

  it.each([
    ['has no numbers', {}],
    [
      'has those of an earlier one',
      {
        status: { observedGeneration: 0, disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 },
      },
    ],
  ])('says that a budget has not been counted: it %s', (_what, rest) => {
    const { status: _, ...uncounted } = budget('web')
    const [hold] = holdsOf([pod('web-1')], [{ ...uncounted, ...rest }], words)
    expect(hold?.message).toContain('it has not been counted yet')
    expect(hold?.remedy).toContain('kube-controller-manager')
  })

  it('names all budgets of a pod that has several: the API evicts none of those', () => {
    const [hold, ...more] = holdsOf([pod('web-1')], [budget('one'), budget('two')], words)
    expect(hold?.message).toContain('default/web-1 is covered by several budgets (default/one, default/two)')
    expect(more).toEqual([])
  })

  it('is told in the words of the API where no budget covers it any more', () => {
    const [hold] = holdsOf([pod('web-1', 'elsewhere')], [budget('web')], words)
    expect(hold?.message).toBe('elsewhere/web-1 was held: The disruption budget is gone.')
  })
})
