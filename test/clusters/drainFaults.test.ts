import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiSession } from '../../src/clusters/clusterApi.ts'
import { drainStage } from '../../src/clusters/drain/drain.ts'
import { createObservations } from '../../src/engine/contract/observations.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { resumeRun } from '../../src/engine/run/requests.ts'
import { nodes, pods } from '../../src/kubernetes/resources.ts'
import { listNodes } from '../../src/store/nodes.ts'
import { benchForEach, createTestRun, planTest } from '../engine/bench.ts'
import { type FaultyPlane, startFaultyPlane } from '../kubernetes/faultyPlane.ts'
import { type Asked, type Fault, status, times } from '../kubernetes/faultyProxy.ts'
import { kubeconfigText } from '../kubernetes/kubeconfigText.ts'
import { clusterFileOf, emptyStoreForEach, node } from '../store/fixtures.ts'
import { applyDesiredState } from '../store/applyDesiredState.ts'
import { until } from '../until.ts'

/** A drain as a run, against an API that fails: nothing is half done, and the run goes on when it is asked to. */

let faulty: FaultyPlane
beforeAll(async () => {
  faulty = await startFaultyPlane('kwok')
})
afterAll(() => faulty?.[Symbol.asyncDispose]())
afterEach(() => (faulty.proxy.faultOf = () => undefined))

const store = emptyStoreForEach()
const bench = benchForEach(store)
const { signal } = new AbortController()
const desired = clusterFileOf('demo', [node('w1', '10.0.0.21')])
const room = { status: { capacity: { pods: '10' }, allocatable: { pods: '10' } } }
const pod = (name: string) => ({
  metadata: { namespace: 'default', name },
  spec: { nodeName: 'w1', terminationGracePeriodSeconds: 1, containers: [{ name: 'main', image: 'test' }] },
})

beforeEach(async () => {
  await applyDesiredState(store().database, desired)
  await store().database.updateTable('nodes').set({ status: 'active' }).execute()
  await faulty.direct.create(nodes, { metadata: { name: 'w1' }, ...room }, { signal })
  for (const name of ['a', 'b']) await faulty.direct.create(pods, pod(name), { signal })
})
afterEach(async () => {
  for (const one of await podsOfNode())
    await faulty.direct.remove(pods, { namespace: 'default', name: one }, { signal })
  await until('its pods are gone', async () => (await podsOfNode()).length === 0, 20_000)
  await faulty.direct.remove(nodes, { name: 'w1' }, { signal })
})

const podsOfNode = async () =>
  (await faulty.direct.snapshot(pods, { namespace: 'default' }, { signal })).items.map(({ metadata }) => metadata.name)
const isCordoned = async () => (await faulty.direct.get(nodes, { name: 'w1' }, { signal }))?.spec.unschedulable === true

function session(): ApiSession {
  const { access } = faulty.proxy
  const certificate = Buffer.from(access.ca ?? '').toString('base64')
  const kubeconfig = kubeconfigText(
    { server: access.server, 'certificate-authority-data': certificate },
    { token: 'of-the-proxy-alone' },
  )
  return {
    cluster: 'demo',
    secret: async () => kubeconfig,
    hosts: () => Promise.reject(new Error('no server is needed')),
    desired: async () => desired,
    read: createObservations().read,
  }
}
const registry = () => createRegistry([drainStage.over(session)])
const request = drainStage.request({
  of: 'w1',
  title: 'Drain w1',
  needs: [],
  arguments: { cluster: 'demo', node: 'w1', delete_emptydir_data: false, delete_unmanaged: true, timeout_s: 20 },
})
const begin = () => createTestRun(store(), [request], 'demo', registry())

const faults: readonly (readonly [string, Fault])[] = [
  ['500 to everything', { status: 500, body: status(500, 'InternalError', 'etcdserver: leader changed') }],
  ['429 to everything', { status: 429, body: status(429, 'TooManyRequests', 'too many requests') }],
  ['with broken connections', 'reset'],
]

describe.each(faults)('an API that answers %s', (_what, fault) => {
  it('ends a plan and a run with its code; nothing was changed, and the run goes on when the API is back', async () => {
    const run = await begin()
    faulty.proxy.faultOf = () => fault
    const { stages } = await planTest(store(), [request], 'demo', registry())
    expect(stages).toMatchObject([
      { decision: { kind: 'unknown' }, unmet: [{ name: 'api-unreachable', severity: 'error' }] },
    ])
    bench().work({ registry: registry() })
    expect(await bench().settled(run)).toBe('failed')
    const [stage] = await store().records.readStages(run)
    expect(stage?.error).toMatchObject({ code: 'api-unreachable' })
    expect(stage?.error?.remedy).not.toBe('')
    expect([await isCordoned(), await podsOfNode()]).toEqual([false, ['a', 'b']])
    faulty.proxy.faultOf = () => undefined
    await resumeRun(store().records, registry(), run, { by: 'test' })
    expect(await bench().settled(run)).toBe('completed')
    expect([await isCordoned(), await podsOfNode()]).toEqual([true, []])
    expect((await listNodes(store().database, 'demo')).map(({ status: now }) => now)).toEqual(['draining'])
  })
})

const isEviction = ({ path }: Asked) => /\/eviction\b/.test(path)

it('watches that break off and evictions that are put off for a moment only make a drain longer', async () => {
  const run = await begin()
  const putOff = times(3, {
    status: 429,
    headers: { 'retry-after': '1' },
    body: status(429, 'TooManyRequests', 'later'),
  })
  const cut = times(2, { events: 0, ends: 'cut' })
  const before = faulty.proxy.asked.length
  const begun = performance.now()
  faulty.proxy.faultOf = asked => (asked.isWatch ? cut(asked) : isEviction(asked) ? putOff(asked) : undefined)
  bench().work({ registry: registry() })
  expect(await bench().settled(run)).toBe('completed')
  expect([await isCordoned(), await podsOfNode()]).toEqual([true, []])
  expect(performance.now() - begun).toBeGreaterThan(1000)
  const asked = faulty.proxy.asked.slice(before)
  expect([asked.filter(isEviction).length, asked.filter(({ isWatch }) => isWatch).length]).toEqual([5, 3])
})
