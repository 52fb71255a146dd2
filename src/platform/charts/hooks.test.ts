import { expect, it } from 'vitest'
import type { Event, Pod } from '../../kubernetes/resources.ts'
import type { Workload } from '../../kubernetes/workloads.ts'
import { hookWords } from './hooks.ts'

/** What is told of a hook, by what is seen of it. */

const metadata = (name: string) => ({ name, uid: name, resourceVersion: '1' })
const hook = { kind: 'Job', namespace: 'shop', name: 'migrate' }
const job = (status: Workload['status'] = {}): Workload => ({ metadata: metadata('migrate'), spec: {}, status })
const pod = (state: object, phase = 'Pending'): Pod => ({
  metadata: metadata('migrate-1'),
  spec: {},
  status: { phase, containerStatuses: [{ name: 'a', state }] },
})
const quota: Event = {
  metadata: metadata('e'),
  reason: 'FailedCreate',
  message: 'exceeded quota: small',
  involvedObject: { kind: 'Job', name: 'migrate' },
}
const told = (seen: Partial<Parameters<typeof hookWords>[1]>, of = hook) =>
  hookWords(of, { job: null, pods: [], warnings: [], ...seen })
const waits = 'hook Job shop/migrate: 0 of 1 pods have completed'

it.each([
  [
    'an image that is not there',
    { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } },
    'ImagePullBackOff (no such image)',
  ],
  ['a container that crashes', { waiting: { reason: 'CrashLoopBackOff' } }, 'CrashLoopBackOff'],
])('%s is told of its pod', (_what, state, words) => {
  expect(told({ job: job(), pods: [pod(state)] })).toBe(`${waits}; pod migrate-1: container a waits: ${words}`)
})

it('why it has no pod is told as well; one that is done is not', () => {
  expect(told({ job: job(), warnings: [quota] })).toBe(`${waits}; FailedCreate: exceeded quota: small`)
  const failed = [{ type: 'Failed', status: 'True', message: 'too often' }]
  expect(told({ job: job({ conditions: failed }), pods: [pod({ terminated: { exitCode: 3 } }, 'Failed')] })).toBe(
    'hook Job shop/migrate: it has failed: too often; pod migrate-1: container a ended with 3',
  )
  expect(told({ job: job({ conditions: [{ type: 'Complete', status: 'True' }] }) })).toBeNull()
})

it('a pod may be one by itself', () => {
  const own = { ...hook, kind: 'Pod' }
  expect(told({ pods: [pod({}, 'Running')] }, own)).toBe('hook Pod shop/migrate: it is Running')
  expect(told({ pods: [pod({}, 'Succeeded')] }, own)).toBeNull()
})
