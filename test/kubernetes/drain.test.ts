import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ClusterClient, openClusterClient } from '../../src/kubernetes/client.ts'
import { cordon, uncordon } from '../../src/kubernetes/drain/cordon.ts'
import { type Drain, drainNode } from '../../src/kubernetes/drain/drainNode.ts'
import { daemonSets, nodes, podDisruptionBudgets, pods } from '../../src/kubernetes/resources.ts'
import { until } from '../until.ts'
import { type ControlPlane, startControlPlane } from './controlPlane.ts'
import { fewestReady, isReady } from './fewestReady.ts'
import { deployments } from './otherResources.ts'

let plane: ControlPlane
let client: ClusterClient
beforeAll(async () => {
  plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  client = await openClusterClient(plane.access)
  for (const name of ['n1', 'n2']) await client.create(nodes, { metadata: { name }, ...room }, { signal })
})
afterAll(async () => {
  await client?.close()
  await plane?.[Symbol.asyncDispose]()
})

const { signal } = new AbortController()
const room = { status: { capacity: { pods: '500' }, allocatable: { pods: '500' } } }
const spec = { containers: [{ name: 'main', image: 'test' }] }

/** Each test has a namespace of its own, and leaves no pod to the next. */
let namespace = ''
let count = 0
async function begin(): Promise<void> {
  namespace = `drained-${++count}`
  plane.kubectl(['create', 'namespace', namespace])
  for (const node of ['n1', 'n2']) {
    plane.kubectl(['uncordon', node])
    await uncordon(client, node, { signal })
  }
}
afterEach(async () => {
  plane.kubectl(['delete', 'deployments,poddisruptionbudgets', '--all', '-n', namespace])
  await untilSeen('its pods are gone', async () => {
    for (const pod of await podsOf()) {
      const place = { namespace, name: pod.metadata.name }
      if (pod.metadata.finalizers)
        await client.patch(pods, place, { kind: 'merge', body: { metadata: { finalizers: null } } }, { signal })
      await client.remove(pods, place, { signal })
    }
    return (await podsOf()).length === 0
  })
})

const untilSeen = (what: string, holds: () => Promise<boolean>) => until(what, holds, 20_000)

const podsOf = async (node?: string) => {
  const fieldSelector = node === undefined ? undefined : `spec.nodeName=${node}`
  return (await client.snapshot(pods, { namespace, fieldSelector }, { signal })).items
}
const namesOn = async (node: string) => (await podsOf(node)).map(({ metadata }) => metadata.name)

/** Pods of a Deployment, all of them ready on n1. */
async function deployOnFirst(replicas: number, template: object = {}): Promise<void> {
  plane.kubectl(['cordon', 'n2'])
  const labels = { app: 'web' }
  await client.create(
    deployments,
    {
      metadata: { namespace, name: 'web' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { ...spec, terminationGracePeriodSeconds: 1, ...template } },
      },
    },
    { signal },
  )
  await untilSeen('its pods are ready', async () => (await podsOf('n1')).filter(isReady).length === replicas)
  plane.kubectl(['uncordon', 'n2'])
}

/** A budget that the controller has counted. */
async function budget(name: string, minAvailable: number, disruptionsAllowed: number): Promise<void> {
  const object = { metadata: { namespace, name }, spec: { minAvailable, selector: { matchLabels: { app: 'web' } } } }
  await client.create(podDisruptionBudgets, object, { signal })
  await untilSeen('the budget is counted', async () => {
    const found = await client.get(podDisruptionBudgets, { namespace, name }, { signal })
    return found?.status?.disruptionsAllowed === disruptionsAllowed && (found.status.observedGeneration ?? 0) > 0
  })
}

const lone = (name: string, rest: object = {}, metadata: object = {}) =>
  client.create(
    pods,
    { metadata: { namespace, name, ...metadata }, spec: { ...spec, nodeName: 'n1', ...rest } },
    { signal },
  )

const drain = (rest: Partial<Drain> = {}, on = client) =>
  drainNode(on, 'n1', { signal, deadline: 30_000, again: 200, ...rest })
const nodeOf = (name: string) => client.get(nodes, { name }, { signal })

describe('a drained node', () => {
  it('has none of the pods any more that come back elsewhere, and all that belongs to the node itself', async () => {
    await begin()
    await deployOnFirst(12)
    const meta = { namespace, name: 'agent' }
    const labels = { app: 'agent' }
    const template = { metadata: { labels }, spec }
    const { metadata } = await client.create(
      daemonSets,
      { metadata: meta, spec: { selector: { matchLabels: labels }, template } },
      { signal },
    )
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: metadata.uid, controller: true }
    await lone('agent-1', { volumes: [{ name: 'a', emptyDir: {} }] }, { ownerReferences: [owner] })
    await lone('static', {}, { annotations: { 'kubernetes.io/config.mirror': 'x' } })
    await lone('finished')
    await untilSeen('it runs', async () => (await podsOf('n1')).filter(isReady).length === 15)
    const succeeded = JSON.stringify({ status: { phase: 'Succeeded', conditions: null } })
    plane.kubectl([
      'patch',
      'pod',
      'finished',
      '-n',
      namespace,
      '--subresource=status',
      '--type=merge',
      '-p',
      succeeded,
    ])

    const told: string[] = []
    let most = 0
    let asking = 0
    const counted: ClusterClient = {
      ...client,
      async evict(...given) {
        most = Math.max(most, (asking += 1))
        return client.evict(...given).finally(() => (asking -= 1))
      },
    }
    const gone = await drain({ atOnce: 4, onProgress: line => told.push(line) }, counted)
    expect(gone).toBe(12)
    expect(await namesOn('n1')).toEqual(['agent-1', 'finished', 'static'])
    expect(most).toBe(4)
    expect(told.filter(line => line.endsWith('is evicted'))).toHaveLength(12)
    expect(told.at(-1)).toMatch(/ is gone, 0 are left$/)
    await untilSeen('they are back elsewhere', async () => (await podsOf('n2')).filter(isReady).length === 12)
  })

  it('is emptied as fast as the budget of its pods allows, while others come up elsewhere', async () => {
    await begin()
    await deployOnFirst(4)
    await budget('web', 3, 1)
    const end = new AbortController()
    const available = fewestReady(client, namespace, end.signal)
    expect(await drain()).toBe(4)
    end.abort(new Error('the drain has ended'))
    expect(await available).toBe(3)
    expect(await namesOn('n1')).toEqual([])
  })
})

describe('a drain that does not come to its end', () => {
  it('is refused, and nothing changed, while it would lose what nobody allowed to be lost', async () => {
    await begin()
    await deployOnFirst(1, { volumes: [{ name: 'cache', emptyDir: {} }] })
    await lone('lone')
    const [web] = (await podsOf('n1')).filter(({ metadata }) => metadata.name !== 'lone')
    await expect(drain()).rejects.toMatchObject({
      code: 'guard-refused',
      message: `Node n1 is not drained: the contents of emptyDir volumes would be lost: ${namespace}/${web?.metadata.name}; nothing would bring these pods back elsewhere: ${namespace}/lone`,
    })
    expect((await nodeOf('n1'))?.spec.unschedulable).toBeUndefined()
    expect(await namesOn('n1')).toHaveLength(2)
    expect(await drain({ allowed: { emptyDir: true, unmanaged: true } })).toBe(2)
  })

  it('names the budget that holds its pods, with its numbers, and what would unblock it', async () => {
    await begin()
    await deployOnFirst(2)
    await budget('web', 2, 0)
    const asked: string[] = []
    const counted: ClusterClient = {
      ...client,
      evict: (pod, ...rest) => {
        asked.push(pod.name)
        return client.evict(pod, ...rest)
      },
    }
    await expect(drain({ deadline: 2500 }, counted)).rejects.toMatchObject({
      code: 'drain-blocked',
      message: expect.stringMatching(
        new RegExp(
          `^Node n1 still has 2 pods after 3 s: budget ${namespace}/web \\(minAvailable 2\\) holds ${namespace}/web-\\S+, ${namespace}/web-\\S+: disruptionsAllowed 0, currentHealthy 2, desiredHealthy 2, expectedPods 2$`,
        ),
      ),
      remedy: `Budget ${namespace}/web never lets one of its 2 pods go: give it more pods (replicas), or loosen its minAvailable 2.`,
    })
    expect(asked.length).toBeGreaterThan(6)
    expect((await nodeOf('n1'))?.spec.unschedulable).toBe(true)
    expect((await podsOf('n1')).filter(isReady)).toHaveLength(2)
  })

  it('names the budgets of a pod that has two: the API evicts none of those', async () => {
    await begin()
    await deployOnFirst(1)
    await budget('one', 0, 1)
    await budget('two', 0, 1)
    await expect(drain({ deadline: 1500 })).rejects.toMatchObject({
      code: 'drain-blocked',
      message: expect.stringContaining(`is covered by several budgets (${namespace}/one, ${namespace}/two)`),
    })
  })

  it('names the finalizer that keeps a pod', async () => {
    await begin()
    await lone('kept', {}, { finalizers: ['test.example/backup'] })
    await untilSeen('it runs', async () => (await podsOf('n1')).filter(isReady).length === 1)
    await expect(drain({ deadline: 2000, allowed: { unmanaged: true } })).rejects.toMatchObject({
      code: 'drain-blocked',
      message: `Node n1 still has a pod after 2 s: ${namespace}/kept has ended, and its finalizers (test.example/backup) keep it`,
    })
  })

  it('ends at once when it is called off, and goes on from there later', async () => {
    await begin()
    await deployOnFirst(2)
    await budget('web', 2, 0)
    const off = new AbortController()
    const reason = new Error('called off')
    const onProgress = (line: string) => line.includes('is held') && off.abort(reason)
    await expect(drain({ signal: off.signal, onProgress })).rejects.toBe(reason)
    expect(await uncordon(client, 'n1', { signal })).toBe(true)
    await client.remove(podDisruptionBudgets, { namespace, name: 'web' }, { signal })
    expect(await drain()).toBe(2)
  })

  it('leaves a pod alone that has got the name of one that is gone', async () => {
    await begin()
    const { metadata } = await lone('named')
    const pod = { namespace, name: 'named' }
    expect(await client.evict(pod, crypto.randomUUID(), { signal })).toEqual({ kind: 'gone' })
    expect(await client.evict({ namespace, name: 'none' }, metadata.uid, { signal })).toEqual({ kind: 'gone' })
    expect((await podsOf('n1'))[0]?.metadata.deletionTimestamp).toBeUndefined()
    expect(await client.evict(pod, metadata.uid, { signal })).toEqual({ kind: 'accepted' })
  })

  it('is an error of a node that there is not', async () => {
    await begin()
    await expect(drainNode(client, 'none', { signal, deadline: 1000 })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('a cordon', () => {
  it('is taken back by whom it is from, and only once', async () => {
    await begin()
    expect(await cordon(client, 'n2', { signal })).toBe(true)
    expect(await cordon(client, 'n2', { signal })).toBe(true)
    expect((await nodeOf('n2'))?.spec.unschedulable).toBe(true)
    expect(await uncordon(client, 'n2', { signal })).toBe(true)
    expect(await uncordon(client, 'n2', { signal })).toBe(false)
    expect((await nodeOf('n2'))?.spec.unschedulable).toBeUndefined()
    expect((await nodeOf('n2'))?.metadata.annotations ?? {}).not.toHaveProperty('slipway/cordoned')
  })

  it('that a person made stays as it is', async () => {
    await begin()
    plane.kubectl(['cordon', 'n2'])
    expect(await cordon(client, 'n2', { signal })).toBe(false)
    expect(await uncordon(client, 'n2', { signal })).toBe(false)
    expect((await nodeOf('n2'))?.spec.unschedulable).toBe(true)
  })

  it('of a node that changes in the meantime is decided by what it is then', async () => {
    await begin()
    let changed = false
    const between: Pick<ClusterClient, 'get' | 'patch'> = {
      get: client.get,
      patch(...given) {
        // A person is quicker, once.
        if (!changed) plane.kubectl(['cordon', 'n2'])
        changed = true
        return client.patch(...given)
      },
    }
    expect(await cordon(between, 'n2', { signal })).toBe(false)
    expect(await uncordon(client, 'n2', { signal })).toBe(false)
  })
})
