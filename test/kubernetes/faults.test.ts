import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterClient } from '../../src/kubernetes/client.ts'
import { configMaps } from '../../src/kubernetes/resources.ts'
import type { ControlPlane } from './controlPlane.ts'
import { type FaultyPlane, startFaultyPlane } from './faultyPlane.ts'
import { type Asked, type Fault, type FaultyProxy, status, times } from './faultyProxy.ts'

let faulty: FaultyPlane
let plane: ControlPlane
let proxy: FaultyProxy
let client: ClusterClient
beforeAll(async () => {
  faulty = await startFaultyPlane()
  ;({ plane, proxy, client } = faulty)
})
afterAll(() => faulty?.[Symbol.asyncDispose]())
afterEach(() => (proxy.faultOf = () => undefined))

const { signal } = new AbortController()
const namespace = 'default'
const object = (name: string) => ({ metadata: { namespace, name }, data: { a: '1' } })
const requestsOf = async (work: () => Promise<unknown>): Promise<readonly Asked[]> => {
  const before = proxy.asked.length
  await work()
  return proxy.asked.slice(before)
}

const passing: readonly (readonly [string, Fault])[] = [
  ['an answer 500', { status: 500, body: status(500, 'InternalError', 'etcdserver: leader changed') }],
  ['an answer 503 of a proxy', { status: 503, body: 'no backend' }],
  ['an answer 429', { status: 429, body: status(429, 'TooManyRequests', 'too many requests') }],
  ['a connection that breaks', 'reset'],
]

describe('a fault that passes', () => {
  it.each(passing)('%s is waited out by a read', async (_what, fault) => {
    proxy.faultOf = times(2, fault)
    const asked = await requestsOf(() => client.get(configMaps, { namespace, name: 'none' }, { signal }))
    expect(asked).toHaveLength(3)
  })

  it.each(passing)('%s is waited out by an apply, also where the API has done it', async (_what, fault) => {
    proxy.faultOf = times(2, fault === 'reset' ? 'reset-after' : fault)
    const asked = await requestsOf(() => client.apply(configMaps, object('applied'), { signal }))
    expect(asked).toHaveLength(3)
  })

  it.each(passing)('%s ends a create, which might be done twice', async (_what, fault) => {
    proxy.faultOf = times(1, fault)
    const asked = await requestsOf(() =>
      expect(client.create(configMaps, object('never'), { signal })).rejects.toMatchObject({ code: 'api-unreachable' }),
    )
    expect(asked).toHaveLength(1)
    expect(await client.get(configMaps, { namespace, name: 'never' }, { signal })).toBeNull()
  })

  it('ends a patch by operations, and a removal that does not say of which uid', async () => {
    const place = { namespace, name: 'once' }
    const { metadata } = await client.create(configMaps, object('once'), { signal })
    proxy.faultOf = () => 'reset'
    const fails = (work: Promise<unknown>) => () =>
      expect(work).rejects.toMatchObject({ message: expect.stringContaining('the connection was broken off') })
    const patch = { kind: 'json', body: [{ op: 'add', path: '/data/b', value: '2' }] } as const
    expect(await requestsOf(fails(client.patch(configMaps, place, patch, { signal })))).toHaveLength(1)
    expect(await requestsOf(fails(client.remove(configMaps, place, { signal })))).toHaveLength(1)
    proxy.faultOf = times(1, 'reset')
    expect(await requestsOf(() => client.remove(configMaps, place, { signal, uid: metadata.uid }))).toHaveLength(2)
  })

  it('is waited for as long as the API says', async () => {
    const body = status(429, 'TooManyRequests', 'too many requests')
    proxy.faultOf = times(1, { status: 429, headers: { 'retry-after': '1' }, body })
    const began = performance.now()
    await client.version({ signal })
    expect(performance.now() - began).toBeGreaterThan(1000)
  })

  it('is told at once where the API says that it will last longer than there is time', async () => {
    proxy.faultOf = () => ({ status: 503, headers: { 'retry-after': '3600' }, body: 'later' })
    const asked = await requestsOf(() =>
      expect(client.version({ signal, deadline: 5000 })).rejects.toMatchObject({
        code: 'api-unreachable',
        message: 'ask for the version: later',
      }),
    )
    expect(asked).toHaveLength(1)
  })

  it('is told when the deadline has come', async () => {
    proxy.faultOf = () => 'reset'
    const began = performance.now()
    await expect(client.version({ signal, deadline: 1500 })).rejects.toMatchObject({
      code: 'api-unreachable',
      message: expect.stringContaining('the connection was broken off'),
    })
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

describe('an API server that is silent', () => {
  it('is given up at the deadline', async () => {
    proxy.faultOf = () => 'silent'
    await expect(client.version({ signal, deadline: 500 })).rejects.toMatchObject({
      code: 'api-unreachable',
      message: 'ask for the version: no answer within 0.5 s',
    })
  })

  it('is left at once by who is called off, with their reason', async () => {
    proxy.faultOf = () => 'silent'
    const off = new AbortController()
    const reason = new Error('called off')
    const asked = client.version({ signal: off.signal })
    off.abort(reason)
    await expect(asked).rejects.toBe(reason)
    await expect(client.version({ signal: off.signal })).rejects.toBe(reason)
  })
})

describe('readiness', () => {
  it('names the checks that fail', async () => {
    const body = '[+]ping ok\n[-]etcd failed: reason withheld\n[+]poststarthook/x ok\nreadyz check failed\n'
    proxy.faultOf = () => ({ status: 500, body })
    expect(await client.ready({ signal })).toEqual({ ready: false, reasons: ['etcd failed: reason withheld'] })
  })

  it('says why the API does not answer', async () => {
    proxy.faultOf = () => 'reset'
    expect(await client.ready({ signal })).toEqual({
      ready: false,
      reasons: [`${proxy.access.server}: the connection was broken off`],
    })
  })

  it('is an error where waiting does not help', async () => {
    proxy.faultOf = () => ({ status: 401, body: status(401, 'Unauthorized', 'Unauthorized') })
    await expect(client.ready({ signal })).rejects.toMatchObject({ code: 'api-unauthorized' })
  })
})

describe('an answer that is none of the API', () => {
  it.each([
    ['a page to log in', { status: 200, body: '<html>Log in</html>' }, 'the answer is no JSON'],
    ['a way elsewhere', { status: 302, body: '<a href="/login">' }, '<a href="/login">'],
    ['an object of another kind', { status: 200, body: { metadata: { name: 1 } } }, 'expected string, received number'],
  ] as const)('%s is named as that', async (_what, fault, message) => {
    proxy.faultOf = () => fault
    await expect(client.get(configMaps, { namespace, name: 'a' }, { signal })).rejects.toMatchObject({
      code: 'api-reply-invalid',
      message: expect.stringContaining(message),
    })
  })
})

describe('a list whose state the API has forgotten', () => {
  const expired = { status: 410, body: status(410, 'Expired', 'The provided continue parameter is too old') }
  const isNextPage = ({ path }: Asked) => path.includes('continue=')
  beforeAll(async () => {
    const items = Array.from({ length: 620 }, (_, number) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'kube-public', name: `many-${String(number).padStart(4, '0')}` },
    }))
    plane.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  })
  const query = { namespace: 'kube-public', labelSelector: '!kubernetes.io/none' }

  it('goes on with those that were not told', async () => {
    proxy.faultOf = times(1, expired, isNextPage)
    const found: string[] = []
    for await (const { metadata } of client.list(configMaps, query, { signal })) found.push(metadata.name)
    expect(found.filter(name => name.startsWith('many-'))).toHaveLength(620)
    expect(new Set(found).size).toBe(found.length)
  })

  it('is taken anew where it is one of a moment', async () => {
    proxy.faultOf = times(1, expired, isNextPage)
    const { items } = await client.snapshot(configMaps, query, { signal })
    expect(items.filter(({ metadata }) => metadata.name.startsWith('many-'))).toHaveLength(620)
  })

  it('is given up, and said so, when it is forgotten each time', async () => {
    proxy.faultOf = times(100, expired, isNextPage)
    await expect(client.snapshot(configMaps, query, { signal })).rejects.toMatchObject({ facts: { status: 410 } })
  })
})
