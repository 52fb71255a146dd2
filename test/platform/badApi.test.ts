import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { labChart } from '../../lab/operators/charts.ts'
import { define, fields } from '../../lab/operators/definitions/schema.ts'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import { kubeconfigText } from '../../src/kubernetes/kubeconfigText.ts'
import { configMaps } from '../../src/kubernetes/resources.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { type FaultyPlane, startFaultyPlane } from '../kubernetes/faultyPlane.ts'
import { status, times } from '../kubernetes/faultyProxy.ts'
import { until } from '../until.ts'
import { helmEnvironment } from './byApi.ts'
import { chartIn } from './benchSession.ts'
import { makeRoom, writeCharts } from './fullPlatform.ts'
import { helm } from './packedChart.ts'
import { platformBench } from './platformBench.ts'
import { serveWebhooks, type Webhook } from './webhooks.ts'

/** An API that is away, throttles or refuses: what is wrong is named, the rest goes on, and a resume makes it whole. */

let faulty: FaultyPlane
let operators: LabOperators
let webhook: Webhook
beforeAll(async () => {
  faulty = await startFaultyPlane('controllers', 'scheduler', 'kwok')
  makeRoom(faulty.plane)
  writeCharts(charts())
  operators = await startOperators({ kubeconfig: faulty.plane.kubeconfig })
  webhook = await serveWebhooks(faulty.plane)
}, 60_000)
afterEach(() => (faulty.proxy.faultOf = () => undefined))
afterAll(async () => {
  await webhook?.[Symbol.asyncDispose]()
  await operators?.[Symbol.asyncDispose]()
  await faulty?.[Symbol.asyncDispose]()
})
const charts = () => join(faulty.plane.folder, 'charts')
const bench = platformBench(() => ({
  secret: async () => kubeconfigText(faulty.proxy.access, 'proxy'),
  hosts: () => Promise.reject(new Error('no server is needed')),
}))
const over = (platform: PlatformSpec) => bench(platform, chartIn(charts()))
const postgres = (name: string): PlatformSpec => ({
  components: { 'operator-pgo': { chart: 'pgo.tgz' }, 'infra-postgres': { name, replicas: 1 } },
})
const namesOf = (...names: readonly string[]): PlatformSpec => ({
  charts: names.map(name => ({ name, chart: 'web.tgz', after: [], timeout_s: 30 })),
})

/** s */
const away = 10

describe('an API that', () => {
  it('throttles, drops watches and then is away for a while, costs what is waited for nothing but time', async () => {
    const { proxy } = faulty
    operators.behave({ 'PostgresCluster postgres/slow': { order: 'stale-generation' } })
    const made = over(postgres('slow')).apply()
    const watched = /watch=true.*slow|slow.*watch=true/
    await until('its readiness is watched', () => proxy.asked.some(({ path }) => watched.test(path)))
    const busy = status(429, 'TooManyRequests', 'too many requests')
    proxy.faultOf = times(4, { status: 429, headers: { 'retry-after': '1' }, body: busy })
    proxy.cut()
    const seen = proxy.asked.length
    await until('it has been throttled', () => proxy.asked.length > seen + 4)
    proxy.faultOf = () => 'reset'
    proxy.cut()
    await after(away * 1000)
    operators.behave({})
    proxy.faultOf = () => undefined
    const { status: ended, errors, stages } = await made
    expect({ ended, errors }).toEqual({ ended: 'completed', errors: [] })
    expect(stages.map(({ attempts }) => attempts)).toEqual(stages.map(() => 1))
  })

  it('asks a webhook in vain is well itself: the webhook is named, and where to look for it', async () => {
    const words = 'Internal error occurred: failed calling webhook "a.test": context deadline exceeded'
    faulty.proxy.faultOf = () => ({ status: 500, body: status(500, 'InternalError', words) })
    const asked = faulty.client.apply(
      configMaps,
      { metadata: { namespace: 'default', name: 'a' } },
      { signal: AbortSignal.timeout(5000), deadline: 500 },
    )
    await expect(asked).rejects.toMatchObject({ code: 'api-refused', remedy: expect.stringContaining('webhook') })
  })
})

describe('an admission webhook', () => {
  it('that refuses an object of a component stands in the way of its plan, in its words', async () => {
    webhook.register('objects', {
      group: 'postgres-operator.crunchydata.com',
      resource: 'postgresclusters',
      namespace: 'postgres',
      denial: 'no cluster on a Monday',
    })
    await until('it is asked', async () => {
      const told = (await over(postgres('monday')).told())['infra-postgres']
      return (
        String(told).startsWith('api-refused: ') && String(told).endsWith('denied the request: no cluster on a Monday')
      )
    })
    webhook.unregister('objects')
  })

  it('that refuses a chart, or does not answer, is named; beside it all goes on, and the next apply makes it whole', async () => {
    const { plane, proxy } = faulty
    const rule = { group: 'apps', resource: 'deployments' }
    webhook.register('refuses', { ...rule, namespace: 'refused', denial: 'it has no owner' })
    webhook.register('silent', { ...rule, namespace: 'late', denial: null })
    const told = times(1, 'reset', ({ method, path }) => method === 'PATCH' && path.includes('/deployments/shaky'))
    proxy.faultOf = told
    const made = await over(namesOf('refused', 'late', 'shaky', 'well')).apply()
    expect(made).toMatchObject({
      status: 'failed',
      statuses: { refused: 'failed', late: 'failed', shaky: 'completed', well: 'completed' },
    })
    expect(made.errors).toMatchObject([
      {
        code: 'chart-refused',
        message: expect.stringMatching(/^refused\/refused: .*denied the request: it has no owner$/),
      },
      { code: 'chart-refused', message: expect.stringMatching(/^late\/late: .*failed calling webhook "silent/) },
    ])
    webhook.unregister('refuses')
    webhook.unregister('silent')
    const before = plane.kubectl([
      'get',
      'secrets,deployments',
      '-n',
      'well',
      '-o',
      'jsonpath={.items[*].metadata.resourceVersion}',
    ])
    await until(
      'the webhooks are asked no more',
      async () => (await over(namesOf('refused', 'late', 'shaky', 'well')).apply()).status === 'completed',
    )
    expect(
      plane.kubectl([
        'get',
        'secrets,deployments',
        '-n',
        'well',
        '-o',
        'jsonpath={.items[*].metadata.resourceVersion}',
      ]),
    ).toBe(before)
  })
})

it('a namespace that is held in its deletion is named before anything is done, and is used once it is gone', async () => {
  const { plane } = faulty
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'stuck' } }
  plane.kubectl(['create', '-f', '-'], JSON.stringify(namespace))
  plane.kubectl(['delete', 'namespace', 'stuck', '--wait=false'])
  const both = () => over(namesOf('stuck', 'beside'))
  expect((await both().told())['stuck']).toEqual([
    'namespace-terminating: namespace stuck is being deleted, and something in it holds that up',
  ])
  await expect(both().apply()).rejects.toMatchObject({ code: 'preflight-failed' })
  expect(plane.kubectl(['get', 'namespaces', '-o', 'name'])).not.toContain('beside')
  plane.kubectl(
    ['replace', '--raw', '/api/v1/namespaces/stuck/finalize', '-f', '-'],
    JSON.stringify({ ...namespace, spec: { finalizers: [] } }),
  )
  expect(await both().apply()).toMatchObject({ status: 'completed' })
})

it('definitions of another version than a component is made of are told with the one that there is', async () => {
  const { plane } = faulty
  const file = join(plane.folder, 'other.tgz')
  const other = define({
    group: 'operator.victoriametrics.com',
    kind: 'VMCluster',
    versions: ['v1'],
    spec: fields(),
    status: fields(),
  })
  const files = { 'files/vmclusters.yaml': JSON.stringify(other) }
  writeFileSync(file, labChart('victoria-metrics-operator', { files }))
  const env = helmEnvironment(plane)
  execFileSync(helm.path, ['install', 'theirs', file, '--namespace=theirs', '--create-namespace'], {
    env,
    stdio: 'pipe',
  })
  plane.kubectl(['wait', '--for=condition=Available', 'deployments', '--all', '-n', 'theirs', '--timeout=30s'])
  const told = await over({
    components: { 'operator-victoriametrics': { chart: 'victoria-metrics-operator.tgz' }, 'infra-victoriametrics': {} },
  }).told()
  expect(told).toMatchObject({
    'operator-victoriametrics': expect.stringMatching(/^skip: that of somebody else is used/),
    'infra-victoriametrics': [
      'definition-missing: the API does not know VMCluster (operator.victoriametrics.com/v1beta1), only v1',
    ],
  })
})
