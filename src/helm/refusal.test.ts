import { expect, it } from 'vitest'
import { refusal } from './refusal.ts'

const url = 'Patch "https://127.0.0.1:6443/apis/apps/v1/namespaces/shop/deployments/back?fieldManager=helm"'

it.each([
  [`server-side apply failed for object shop/back apps/v1, Kind=Deployment: ${url}: EOF`, 'api-unreachable'],
  ['create: failed to create: etcdserver: leader changed', 'api-unreachable'],
  [
    'Kubernetes cluster unreachable: Get "https://127.0.0.1:6443/version": dial tcp 127.0.0.1:6443: connect: connection refused',
    'api-unreachable',
  ],
  [
    'Kubernetes cluster unreachable: the server has received too many requests and has asked us to try again later',
    'api-unreachable',
  ],
  ['Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1', 'chart-refused'],
  ['pre-install hooks failed: timed out waiting for the condition', 'chart-refused'],
  [
    'failed to create resource: Internal error occurred: failed calling webhook "a.test": failed to call webhook: Post "https://a.test/": dial tcp 10.0.0.1:443: connect: connection refused',
    'chart-refused',
  ],
  ['admission webhook "a.test" denied the request: its EOF is missing: EOF of line 3', 'chart-refused'],
])('%s: is %s', (words, code) => {
  expect(refusal('shop/back', 1, words)).toMatchObject({ code, message: `shop/back: ${words}` })
})

it('a Helm that was killed has said nothing of the chart', () => {
  expect(refusal('shop/back', null, 'Helm says nothing')).toMatchObject({ code: 'machine-exhausted' })
})

it('of a webhook that does not answer is told where to look', () => {
  const words = 'Internal error occurred: failed calling webhook "a.test": context deadline exceeded'
  expect(refusal('shop/back', 1, words).remedy).toMatch(/admission webhook/)
})
