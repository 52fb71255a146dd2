import { expect, it } from 'vitest'
import { ownerAnnotations } from '../../helm/owner.ts'
import type { Workload } from '../../kubernetes/workloads.ts'
import { detect } from './detect.ts'

const marks = { definitions: [], labels: { app: 'pgo' }, names: [], image: 'postgres-operator' }
const own = { namespace: 'a', name: 'operator-pgo', labels: {} }
type Spec = Workload['spec']
type Status = NonNullable<Workload['status']>

/** What is said of the only Deployment there is. */
async function lackOf(spec: Spec, status: Status) {
  const metadata = { name: 'pgo', namespace: 'default', uid: 'u', resourceVersion: '1', generation: 1 }
  const deployment: Workload = { metadata, spec, status: { observedGeneration: 1, ...status } }
  const client = { snapshot: async () => ({ items: [deployment], resourceVersion: '1' }) }
  const detected = await detect(client as never, marks, own, [], { signal: new AbortController().signal })
  return detected.state === 'anothers' ? detected.found.lack : detected.state
}

it.each<[string, Spec, Status, string | null]>([
  ['has its pods', { replicas: 1 }, { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }, null],
  ['is scaled to 0', { replicas: 0 }, {}, 'it is scaled to 0 pods'],
  ['is paused without a pod', { replicas: 1, paused: true }, {}, 'none of its pods is available'],
  ['is paused with a pod', { replicas: 1, paused: true }, { replicas: 1, availableReplicas: 1 }, null],
  ['has no pod yet', { replicas: 1 }, {}, '0 of 1 pods are of the new version'],
])('an operator of somebody else that %s', async (_what, spec, status, lack) => {
  expect(await lackOf(spec, status)).toBe(lack)
})

it.each([
  ['of our release', own.namespace, 'ours'],
  ['of a release elsewhere', 'elsewhere', 'anothers'],
])('an operator %s, of which Helm has no record', async (_what, namespace, state) => {
  const annotations = ownerAnnotations({ name: own.name, namespace })
  const metadata = { name: 'pgo', namespace: 'default', uid: 'u', resourceVersion: '1', generation: 1, annotations }
  const deployment: Workload = { metadata, spec: { replicas: 1 }, status: { observedGeneration: 1 } }
  const snapshot = async ({ kind }: { kind: string }) => ({ items: kind === 'Secret' ? [] : [deployment] })
  const { signal } = new AbortController()
  expect(await detect({ snapshot } as never, marks, own, [], { signal })).toMatchObject({ state })
})
