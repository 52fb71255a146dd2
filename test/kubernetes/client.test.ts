import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ClusterClient, openClusterClient } from '../../src/kubernetes/client.ts'
import { nodes, type Node, pods, secrets } from '../../src/kubernetes/resources.ts'
import { configMaps } from '../../src/kubernetes/resources.ts'
import type { Resource } from '../../src/kubernetes/resource.ts'
import { type ControlPlane, knownToken, startControlPlane } from './controlPlane.ts'

let plane: ControlPlane
let client: ClusterClient
beforeAll(async () => {
  plane = await startControlPlane()
  client = await openClusterClient(plane.access)
})
afterAll(async () => {
  await client?.close()
  await plane?.[Symbol.asyncDispose]()
})

const { signal } = new AbortController()
const namespace = 'default'
const configMap = (name: string, data: Record<string, string>) => ({ metadata: { namespace, name }, data })
const dataOf = async (name: string) => (await client.get(configMaps, { namespace, name }, { signal }))?.data

describe('the client of a real API server', () => {
  it('tells its version, and that it is ready', async () => {
    expect(await client.version({ signal })).toMatch(/^v1\.\d+\.\d+$/)
    expect(await client.ready({ signal })).toEqual({ ready: true })
  })

  it('creates an object once, and gets it; null for none', async () => {
    const made = await client.create(configMaps, configMap('made', { a: '1' }), { signal })
    expect(made).toMatchObject({ metadata: { name: 'made', namespace }, data: { a: '1' } })
    expect(await client.get(configMaps, { namespace, name: 'made' }, { signal })).toEqual(made)
    expect(await client.get(configMaps, { namespace, name: 'none' }, { signal })).toBeNull()
    expect(await client.get(configMaps, { namespace: 'none', name: 'none' }, { signal })).toBeNull()
    await expect(client.create(configMaps, configMap('made', {}), { signal })).rejects.toMatchObject({
      code: 'api-conflict',
      message: 'create ConfigMap default/made: configmaps "made" already exists',
      facts: { reason: 'AlreadyExists' },
    })
  })

  it.each([
    ['a group', { group: 'none.test', version: 'v1' }],
    ['a kind', { group: 'apps', version: 'v1' }],
  ])('an object of %s that the API does not know is no missing object', async (_what, unknown) => {
    const resource: Resource<Node> = { ...nodes, ...unknown, plural: 'nones' }
    await expect(client.get(resource, { name: 'a' }, { signal })).rejects.toMatchObject({ code: 'api-refused' })
  })

  it('asks for no object without a name: it would be all of them', async () => {
    for (const place of [{ namespace, name: '' }, { name: 'a' }, { namespace: '', name: 'a' }])
      await expect(client.get(pods, place, { signal })).rejects.toThrow(TypeError)
    const elsewhere = client.get(pods, { namespace, name: '../../nodes' }, { signal })
    await expect(elsewhere).rejects.toMatchObject({ code: 'api-refused', facts: { status: 404 } })
  })

  it('applies what an object must have, and takes away what it must have no longer', async () => {
    await client.apply(configMaps, configMap('applied', { a: '1', b: '2' }), { signal })
    await client.apply(configMaps, configMap('applied', { a: '3' }), { signal })
    expect(await dataOf('applied')).toEqual({ a: '3' })
  })

  it('says who manages which fields where it must not take them, and takes them when told to', async () => {
    const others = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', ...configMap('shared', { a: '1', b: '1' }) })
    plane.kubectl(['apply', '--server-side', '--field-manager=helm', '-f', '-'], others)
    await expect(client.apply(configMaps, configMap('shared', { a: '2', b: '2' }), { signal })).rejects.toMatchObject({
      code: 'api-conflict',
      message: 'apply ConfigMap default/shared: helm manages .data.a, .data.b',
    })
    expect(await dataOf('shared')).toEqual({ a: '1', b: '1' })
    await client.apply(configMaps, configMap('shared', { a: '2' }), { signal, force: true })
    expect(await dataOf('shared')).toEqual({ a: '2', b: '1' })
    const managers = plane.kubectl(['get', 'configmap', 'shared', '-o', 'yaml', '--show-managed-fields'])
    expect(managers).toContain('manager: slipway')
  })

  it('patches a part, by a merge or by operations, of which a test may fail', async () => {
    await client.apply(configMaps, configMap('patched', { a: '1', b: '2' }), { signal })
    const place = { namespace, name: 'patched' }
    await client.patch(configMaps, place, { kind: 'merge', body: { data: { a: null, c: '3' } } }, { signal })
    const replace = { op: 'replace', path: '/data/b', value: '4' }
    await client.patch(configMaps, place, { kind: 'json', body: [replace] }, { signal })
    expect(await dataOf('patched')).toEqual({ b: '4', c: '3' })
    const test = { op: 'test', path: '/data/b', value: '5' }
    await expect(
      client.patch(configMaps, place, { kind: 'json', body: [test, replace] }, { signal }),
    ).rejects.toMatchObject({ code: 'api-refused', facts: { status: 422 } })
  })

  it('refuses a field that the API does not know, which it would leave out', async () => {
    const odd = { ...configMap('odd', {}), dta: { a: '1' } }
    await expect(client.apply(configMaps, odd, { signal })).rejects.toMatchObject({
      code: 'api-refused',
      message: expect.stringContaining('dta'),
    })
    await expect(client.create(configMaps, odd, { signal })).rejects.toMatchObject({ code: 'api-refused' })
    expect(await dataOf('odd')).toBeUndefined()
  })

  it('quotes nothing of a Secret that the API does not understand', async () => {
    const password = 'hunter2-and-longer'
    const wrong = { metadata: { namespace, name: 'wrong' }, data: { password: { of: password } } }
    const refusal = await client.apply(secrets, wrong, { signal }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'api-refused', message: expect.stringContaining('••••') })
    expect(String(refusal)).not.toContain(password)
  })

  it('removes an object, or only the one that is meant', async () => {
    const place = { namespace, name: 'removed' }
    const { metadata } = await client.create(configMaps, configMap('removed', {}), { signal })
    expect(await client.remove(configMaps, place, { signal, uid: crypto.randomUUID() })).toBe(false)
    expect(await dataOf('removed')).toBeUndefined()
    expect(await client.get(configMaps, place, { signal })).not.toBeNull()
    expect(await client.remove(configMaps, place, { signal, uid: metadata.uid, propagation: 'Background' })).toBe(true)
    expect(await client.remove(configMaps, place, { signal })).toBe(false)
  })

  it('lists what a query selects', async () => {
    for (const name of ['l1', 'l2', 'l3'])
      await client.create(
        configMaps,
        { metadata: { namespace, name, labels: { odd: name === 'l2' ? 'no' : 'yes' } } },
        { signal },
      )
    const found = await Array.fromAsync(client.list(configMaps, { namespace, labelSelector: 'odd=yes' }, { signal }))
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['l1', 'l3'])
    const { items, version } = await client.snapshot(configMaps, { fieldSelector: 'metadata.name=l2' }, { signal })
    expect(items).toHaveLength(1)
    expect(version).toMatch(/^\d+$/)
  })

  it('says what a user may not do, and that it knows a token not; the token is told nobody', async () => {
    const as = (token: string) => ({ ...plane.access, certificate: null, authorization: `Bearer ${token}` })
    const cases = [
      [knownToken, 'api-forbidden', 'get Node w1: nodes "w1" is forbidden: User "nobody" cannot get resource'],
      ['a-token-that-none-knows', 'api-unauthorized', 'get Node w1: Unauthorized'],
    ] as const
    for (const [token, code, message] of cases) {
      const other = await openClusterClient(as(token))
      const refusal = await other.get(nodes, { name: 'w1' }, { signal }).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code, message: expect.stringContaining(message) })
      expect(JSON.stringify(refusal) + String(refusal)).not.toContain(token)
      await other.close()
    }
  })
})
