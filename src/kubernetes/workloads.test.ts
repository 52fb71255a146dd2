import { describe, expect, it } from 'vitest'
import { type Workload, type WorkloadKind, workloadFailed, workloadMissing } from './workloads.ts'

const object = (spec: Workload['spec'], status: Workload['status'], generation = 2): Workload => ({
  metadata: { name: 'a', uid: '1', resourceVersion: '1', generation },
  spec,
  status,
})
const seen = { observedGeneration: 2 }
const whole = { ...seen, replicas: 2, updatedReplicas: 2, availableReplicas: 2 }
const rolling = { ...seen, readyReplicas: 1, currentRevision: 'a', updateRevision: 'b' }

describe('a workload', () => {
  it.each<[WorkloadKind, Workload['spec'], Workload['status'], string | null]>([
    ['Deployment', { replicas: 2 }, whole, null],
    ['Deployment', { replicas: 0 }, { ...seen }, null],
    ['Deployment', { replicas: 2 }, { ...whole, replicas: 3 }, '1 pods of the old version are left'],
    ['Deployment', {}, { ...seen, replicas: 1, updatedReplicas: 1 }, '0 of 1 pods are available'],
    ['Deployment', { replicas: 2 }, { ...whole, observedGeneration: 1 }, 'its controller has not seen it yet'],
    ['StatefulSet', { replicas: 2 }, { ...seen, readyReplicas: 1 }, '1 of 2 pods are ready'],
    ['StatefulSet', { replicas: 1 }, rolling, '0 of 1 pods are of the new version'],
    ['StatefulSet', { replicas: 1, updateStrategy: { type: 'OnDelete' } }, rolling, null],
    [
      'DaemonSet',
      {},
      { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 1 },
      '1 of 2 pods are of the new version',
    ],
    ['StatefulSet', { replicas: 1, updateStrategy: { rollingUpdate: { partition: 1 } } }, rolling, null],
    ['Deployment', { replicas: 2, paused: true }, { ...seen, replicas: 2 }, null],
    ['DaemonSet', {}, { ...seen, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2 }, null],
    ['Job', { completions: 3 }, { succeeded: 1 }, '1 of 3 pods have completed'],
    ['Job', {}, { conditions: [{ type: 'Complete', status: 'True' }] }, null],
    ['Job', { suspend: true }, {}, null],
  ])('%s with %j and %j lacks %j', (kind, spec, status, missing) => {
    expect(workloadMissing(kind, object(spec, status))).toBe(missing)
  })

  it('that is not there, or has no status yet, lacks something', () => {
    expect(workloadMissing('Deployment', null)).toBe('it is not there')
    expect(workloadMissing('Job', null)).toBeNull()
    expect(workloadMissing('Deployment', object({}, undefined))).toBe('its controller has not seen it yet')
  })

  it('has failed when its Job has', () => {
    const failed = object({}, { conditions: [{ type: 'Failed', status: 'True', message: 'deadline' }] })
    expect(workloadFailed(failed)).toBe('deadline')
    expect(workloadMissing('Job', failed)).toBe('it has failed: deadline')
    expect(workloadFailed(object({}, {}))).toBeNull()
  })
})
