import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { loadDistributions } from '../../src/distributions/index.ts'
import { kubeconfigText } from '../../src/kubernetes/kubeconfigText.ts'
import { nodes } from '../../src/kubernetes/resources.ts'
import { clusterStagesOf } from '../../src/server/clusterStages.ts'
import { type Api, openApi } from '../api/server.ts'
import { toy } from '../distributions/toy/index.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { until } from '../until.ts'
import { knownToken } from './controlPlane.ts'
import { type FaultyPlane, startFaultyPlane } from './faultyPlane.ts'
import { status } from './faultyProxy.ts'
import { type OthersNode, othersNode } from './othersNode.ts'

/** Clusters of others go on record over the API of Slipway, and over a real API of Kubernetes. */

let faulty: FaultyPlane
let api: Api
const { signal } = new AbortController()
const folder = temporaryFolder('discover')

beforeAll(async () => {
  faulty = await startFaultyPlane()
  api = await openApi(undefined, clusterStagesOf([...(await loadDistributions()), toy]))
  await create('m1', { version: 'v1.34.1', server: true })
  await create('w1', { version: 'v1.34.1' })
})
afterEach(() => (faulty.proxy.faultOf = () => undefined))
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await faulty?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const create = (name: string, node: OthersNode) => faulty.direct.create(nodes, othersNode(name, node), { signal })

const shown = z.looseObject({ hash: z.string() })
const discover = (more: object) => api.call('POST', '/api/v1/clusters/discover', { body: { name: 'others', ...more } })
const discovered = async (more: object) => {
  const answer = await discover(more)
  expect(answer.status, answer.body).toBe(200)
  return shown.parse(answer.json())
}
const drift = async (name = 'others') => (await api.call('GET', `/api/v1/clusters/${name}/drift`)).json()
const statuses = async () => {
  const { items } = z
    .object({
      items: z.array(
        z.object({ hostname: z.string(), role: z.string(), status: z.string(), last_error: z.string().nullable() }),
      ),
    })
    .parse((await api.call('GET', '/api/v1/clusters/others/nodes')).json())
  return items.map(({ hostname, role, status: now, last_error }) =>
    [hostname, role, now, ...(last_error === null ? [] : [last_error])].join(' '),
  )
}
const admin = () => faulty.plane.kubeconfig
const proxied = () => kubeconfigText(faulty.proxy.access, 'proxy')
const code = z.object({ code: z.string(), remedy: z.string() })

describe('what cannot be discovered', () => {
  const withUser = (user: object) => {
    const { contexts, ...rest } = z
      .looseObject({ contexts: z.array(z.looseObject({ context: z.looseObject({ user: z.string() }) })) })
      .parse(parse(admin()))
    return stringify({ ...rest, contexts, users: [{ name: contexts[0]?.context.user, user }] })
  }
  const cases: readonly (readonly [string, () => object, number, string, RegExp])[] = [
    ['nothing that leads anywhere', () => ({}), 400, 'usage', /--kubeconfig FILE/],
    ['what is no YAML', () => ({ kubeconfig: 'a: [' }), 422, 'kubeconfig-invalid', /kubeconfig/],
    ['what is no kubeconfig', () => ({ kubeconfig: 'hello' }), 422, 'kubeconfig-invalid', /kubectl/],
    [
      'a program to log in',
      () => ({ kubeconfig: withUser({ exec: { command: 'aws' } }) }),
      422,
      'kubeconfig-invalid',
      /certificate|token/,
    ],
    [
      'a token that nobody knows',
      () => ({
        kubeconfig: kubeconfigText({ ...faulty.plane.access, certificate: null, authorization: 'Bearer nobody' }, 'x'),
      }),
      502,
      'api-unauthorized',
      /anew/,
    ],
    [
      'a user without rights',
      () => ({
        kubeconfig: kubeconfigText(
          { ...faulty.plane.access, certificate: null, authorization: `Bearer ${knownToken}` },
          'x',
        ),
      }),
      502,
      'api-forbidden',
      /rights|may do/,
    ],
    [
      'an API that nobody serves',
      () => ({ kubeconfig: kubeconfigText({ ...faulty.plane.access, server: 'https://127.0.0.1:1' }, 'x') }),
      502,
      'api-unreachable',
      /discover again/,
    ],
  ]
  it.each(cases)('%s', async (_what, request, http, expected, remedy) => {
    const answer = await discover(request())
    expect(answer.status, answer.body).toBe(http)
    const told = code.parse(answer.json())
    expect(told.code).toBe(expected)
    expect(told.remedy).toMatch(remedy)
    expect(told.remedy).not.toContain('resume')
    expect((await api.call('GET', '/api/v1/clusters/others')).status).toBe(404)
  })

  it('an API that wants to be left alone for an hour', async () => {
    faulty.proxy.faultOf = () => ({
      status: 429,
      headers: { 'retry-after': '3600' },
      body: status(429, 'TooManyRequests', 'busy'),
    })
    const answer = await discover({ kubeconfig: proxied() })
    expect(answer.status).toBe(502)
    expect((await api.call('GET', '/api/v1/clusters/others')).status).toBe(404)
  })

  it('a cluster under the name of one that Slipway has made', async () => {
    const world = join(folder, 'world')
    await mkdir(world)
    const source = `apiVersion: slipway/v1
kind: Cluster
metadata: { name: others }
spec: { distribution: toy, version: t1, world: ./world, nodes: [{ hostname: a, internal_ip: 10.78.0.1, role: initial_master }] }
`.replace('others', 'own')
    const document = { name: 'toy.yaml', source, folder, files: {} }
    const started = await api.call('POST', '/api/v1/clusters/own/runs', {
      body: { approve: null, accept: [], document },
    })
    expect(started.status, started.body).toBe(200)
    const refused = await discover({ name: 'own', kubeconfig: admin() })
    expect(refused.json()).toMatchObject({ code: 'cluster-conflict', remedy: expect.stringContaining('another name') })
  })
})

describe('a cluster of kubeadm', () => {
  it('shows what would go on record, and then goes there', async () => {
    expect(await discovered({ kubeconfig: admin(), dry_run: true })).toMatchObject({ first: true, recorded: false })
    expect((await api.call('GET', '/api/v1/clusters/others')).status).toBe(404)
    expect(await discovered({ kubeconfig: admin() })).toMatchObject({
      distribution: 'kubeadm',
      version: 'v1.34.1',
      recorded: true,
      differences: [
        { kind: 'new', about: 'node m1', message: 'initial_master at 10.77.0.11, v1.34.1' },
        { kind: 'new', about: 'node w1', message: 'worker at 10.77.0.12, v1.34.1' },
      ],
    })
    expect(await statuses()).toEqual(['m1 initial_master active', 'w1 worker active'])
    expect((await api.call('GET', '/api/v1/clusters/others')).json()).toMatchObject({
      type: 'registered',
      bootstrap: 'done',
      api_endpoint: '127.0.0.1',
    })
    expect(await discovered({})).toMatchObject({ first: false, recorded: false, differences: [] })
    expect(await drift()).toMatchObject({ differs: false, api: { error: null, foreign: [] }, findings: [] })
  })

  it('is looked at again: what has changed goes on record when it is approved, and not before', async () => {
    await create('w2', { version: 'v1.34.0', ready: false })
    await faulty.direct.remove(nodes, { name: 'w1' }, { signal })
    expect(await drift()).toMatchObject({
      differs: true,
      nodes: [
        { hostname: 'm1', host: null, error: null, node: { ready: true } },
        { hostname: 'w1', node: null },
      ],
      api: { foreign: ['w2'] },
      findings: [
        { name: 'node-gone', about: 'node w1' },
        { name: 'foreign-node', about: 'node w2' },
      ],
    })
    const found = await discovered({})
    expect(found).toMatchObject({
      recorded: false,
      differences: [
        { kind: 'new', about: 'node w2', message: 'worker at 10.77.0.13, v1.34.0, not ready: Kubelet: as it is' },
        { kind: 'gone', about: 'node w1' },
      ],
    })
    expect(await statuses()).toEqual(['m1 initial_master active', 'w1 worker active'])
    const other = await discover({ approve: '00000000' })
    expect(other.json()).toMatchObject({ code: 'plan-changed' })
    expect(await discovered({ approve: found.hash })).toMatchObject({ recorded: true })
    expect(await statuses()).toEqual(['m1 initial_master active', 'w2 worker failed Kubelet: as it is'])
    await create('w1', { version: 'v1.34.1' })
    const { hash } = await discovered({})
    await discovered({ approve: hash })
    expect(await statuses()).toEqual([
      'm1 initial_master active',
      'w2 worker failed Kubelet: as it is',
      'w1 worker active',
    ])
  })

  it('is not taken for another one that its kubeconfig leads to', async () => {
    const metadata = { name: 'kube-system', uid: 'another-cluster', resourceVersion: '1' }
    faulty.proxy.faultOf = ({ path }) =>
      path.endsWith('/namespaces/kube-system') ? { status: 200, body: { metadata } } : undefined
    const refused = await discover({ kubeconfig: proxied() })
    expect(refused.status).toBe(409)
    expect(refused.json()).toMatchObject({ code: 'other-cluster' })
  })

  it('shows how it is by its API, with the plan of its platform', async () => {
    const drift = z
      .object({
        plan: z.string(),
        differs: z.boolean(),
        changes: z.array(z.unknown()),
        nodes: z.array(z.looseObject({ hostname: z.string(), node: z.looseObject({ ready: z.boolean() }) })),
      })
      .parse((await api.call('GET', '/api/v1/clusters/others/drift')).json())
    expect(drift).toMatchObject({ differs: false, changes: [] })
    expect(drift.nodes.map(({ hostname, node }) => [hostname, node.ready])).toEqual([
      ['m1', true],
      ['w2', false],
      ['w1', true],
    ])
  })

  it('is not made anew by a file of another distribution that has its name', async () => {
    const source = `apiVersion: slipway/v1
kind: Cluster
metadata: { name: others }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  nodes: [{ hostname: m1, internal_ip: 10.77.0.11, role: initial_master }]
`
    const planned = await api.call('POST', '/api/v1/plans', {
      body: { document: { name: 'rke2.yaml', source, folder, files: {} }, accept: [] },
    })
    expect(planned.json()).toMatchObject({
      code: 'cluster-conflict',
      detail: expect.stringContaining('on record as a cluster of kubeadm'),
    })
  })

  it('can be drained, and not scaled; to apply it says that there is no platform to apply', async () => {
    const run = async (operation: object) =>
      api.call('POST', '/api/v1/clusters/others/runs', {
        body: { operation, approve: null, accept: ['no-room-for-pods'] },
      })
    const started = await run({ operation: 'drain', nodes: ['w1'] })
    expect(started.status, started.body).toBe(200)
    const id = String(z.object({ run: z.string() }).parse(started.json()).run)
    await until(
      'it is drained',
      async () =>
        z.object({ status: z.string() }).parse((await api.call('GET', `/api/v1/runs/${id}`)).json()).status ===
        'completed',
    )
    expect((await faulty.direct.get(nodes, { name: 'w1' }, { signal }))?.spec.unschedulable).toBe(true)
    expect(await statuses()).toContain('w1 worker draining')
    expect((await run({ operation: 'apply' })).json()).toMatchObject({
      run: null,
      plan: { stages: [], blocked: false },
    })
    const detail = 'nodes and version of a cluster of kubeadm are those that it has: w2 to leave'
    expect((await run({ operation: 'scale-remove', nodes: ['w2'] })).json()).toMatchObject({ code: 'usage', detail })
  })
})

describe('a cluster of RKE2 that is known over its API alone', () => {
  it('is not applied before a server was logged in to', async () => {
    for (const name of ['m1', 'w1', 'w2']) await faulty.direct.remove(nodes, { name }, { signal })
    await create('r1', { version: 'v1.34.1+rke2r1', server: true })
    expect(await discovered({ name: 'bare', kubeconfig: admin() })).toMatchObject({
      distribution: 'rke2',
      version: 'v1.34.1+rke2r1',
    })
    const planned = await api.call('POST', '/api/v1/plans', { body: { cluster: 'bare', accept: [] } })
    expect(planned.json()).toMatchObject({
      blocked: true,
      findings: [
        { name: 'machines-not-known', remedy: expect.stringContaining('slipway discover bare --ssh root@10.77.0.') },
      ],
    })
    const made = [{ hostname: 'r1', error: null, node: { ready: true } }]
    expect(await drift('bare')).toMatchObject({ blocked: true, plan: shown.parse(planned.json()).hash, nodes: made })
  })
})
