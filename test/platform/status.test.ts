import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { plannedShape } from '../../src/contract/plans.ts'
import { until } from '../until.ts'
import { m1, openOthersSite, type OthersSite } from './othersSite.ts'
import { deployment, packedChart, values } from './packedChart.ts'

/** The platform of a cluster of others, which is known by its API alone: planned, applied, and told as state. */

let site: OthersSite
beforeAll(async () => {
  site = await openOthersSite({ 'web.tgz': web, 'grafana.tgz': grafana, 'held.tgz': held })
}, 90_000)
afterAll(() => site?.[Symbol.asyncDispose]())

const files = { 'templates/web.yaml': deployment, 'values.yaml': values }
const web = packedChart(files)
const grafana = packedChart(files, { name: 'grafana-operator', version: '5.1.0' })

const never = `
apiVersion: batch/v1
kind: Job
metadata: { name: never, annotations: { helm.sh/hook: pre-delete } }
spec: { template: { spec: { restartPolicy: Never, nodeSelector: { a: b }, containers: [{ name: a, image: a }] } } }
`
const held = packedChart({ ...files, 'templates/never.yaml': never })

const components = {
  'operator-grafana': { chart: 'grafana.tgz', namespace: 'tools' },
  'operator-fluent': {},
  'operator-opensearch': { enabled: false },
  'operator-victoriametrics': { chart: 'web.tgz' },
  'infra-victoriametrics': {},
  'operator-pgo': { chart: 'web.tgz', required: false },
}
const charts = [
  { name: 'web', chart: 'web.tgz', after: ['operator-grafana', 'operator-fluent'] },
  { name: 'stuck', chart: 'web.tgz', values: { node: 'nowhere' }, timeout_s: 10, after: [] },
]
/** What is left of it later. */
const less = { components: { 'operator-fluent': {} }, charts: [{ name: 'web', chart: 'web.tgz', after: [] }] }
const platformApply = (...names: string[]) => ({ operation: 'platform-apply', components: names })

it('is not there before the cluster is on record, and is empty then', async () => {
  const unknown = await site.get('/clusters/others/platform')
  expect(unknown.json()).toMatchObject({ code: 'not-found' })
  for (const operation of [platformApply(), { operation: 'apply' }]) {
    const early = await site.post('/plans', { document: site.document({ components, charts }), operation })
    expect(early.json()).toMatchObject({ code: 'not-found', remedy: expect.stringContaining('slipway discover') })
  }
  await site.discover()
  expect(await site.status()).toMatchObject({ components: [], differs: false, api: { error: null }, notes: [] })
})

it('is applied from a file, as far as it is named: with what that needs, and nothing else', async () => {
  const document = site.document({ components, charts })
  const whole = await site.planned({ document, operation: { operation: 'apply' } })
  const alone = await site.planned({ document, operation: platformApply() })
  expect(alone.stages.map(({ key, needs }) => [key, needs])).toEqual(whole.stages.map(({ key, needs }) => [key, needs]))
  expect(alone).toMatchObject({ hash: whole.hash, blocked: false, notes: [] })

  const named = await site.planned({ document, operation: platformApply('web', 'web') })
  expect(named.stages.map(({ key, decision }) => [key, decision.kind])).toEqual([
    ['platform/prerequisites', 'run'],
    ['platform/component:operator-grafana', 'run'],
    ['platform/component:operator-fluent', 'skip'],
    ['platform/chart:web', 'run'],
  ])
  expect(await site.applied({ document, operation: platformApply('web'), approve: named.hash })).toMatchObject({
    status: 'completed',
    title: 'Apply web of others',
  })
  expect(await site.applied({ operation: platformApply('web') })).toBeNull()
})

it('is told as state by the plan: one entry for each that is wanted, and that is turned off', async () => {
  const { components: all } = await site.status()
  const entry = (name: string) => all.find(one => one.name === name)
  expect(Object.fromEntries(all.map(({ name, state }) => [name, state]))).toEqual({
    prerequisites: 'ready',
    'operator-pgo': 'blocked',
    'operator-victoriametrics': 'absent',
    'operator-opensearch': 'off',
    'operator-grafana': 'ready',
    'operator-fluent': 'external',
    'infra-victoriametrics': 'waiting',
    web: 'ready',
    stuck: 'absent',
  })
  expect(entry('operator-grafana')).toMatchObject({
    kind: 'component',
    layer: 'operator',
    version: '5.1.0',
    where: 'release tools/operator-grafana',
    owner: null,
    reason: null,
    waits_for: [],
    last_run: { stage: 'platform/component:operator-grafana', status: 'completed', error: null },
  })
  expect(entry('operator-fluent')).toMatchObject({
    version: '3.6.0',
    where: 'Deployment default/fluent-operator',
    last_run: null,
  })
  expect(entry('infra-victoriametrics')).toMatchObject({
    storage_class: 'fast',
    waits_for: ['operator-victoriametrics'],
  })
  const old = entry('operator-pgo')
  expect(old).toMatchObject({ version: '5.0.1', findings: [{ name: 'component-too-old' }] })
  expect(old?.reason).toContain('older than 5.3.0')
  expect(entry('stuck')).toMatchObject({
    kind: 'chart',
    title: 'web.tgz',
    reason: 'install web 1.0.0 as stuck/stuck',
  })
})

it('tells what is not ready with the run that has failed of it, and what somebody has changed', async () => {
  const ended = site.applied({ operation: platformApply('stuck') })
  const lastRun = async (name: string) => (await site.get(`/clusters/others/platform/${name}/last-run`)).json()
  await until('it is under way', async () => JSON.stringify(await lastRun('stuck')).includes('"running"'))
  expect(await site.status()).toMatchObject({ under_way: expect.any(String) })
  expect(await ended).toMatchObject({ status: 'failed' })
  expect(await lastRun('operator-fluent')).toEqual({ last_run: null })
  expect(await site.entry('stuck')).toMatchObject({
    state: 'not-ready',
    version: '1.0.0',
    where: 'release stuck/stuck',
    reason: expect.stringContaining('Deployment stuck/stuck: 0 of 1 pods are available'),
    last_run: { status: 'failed', error: { code: 'workload-not-ready' } },
  })
  site.helmByHand(
    'upgrade',
    'web',
    join(site.desk.folder, 'web.tgz'),
    '--namespace=web',
    '--set=replicas=2',
    '--reuse-values',
  )
  expect(await site.entry('web')).toMatchObject({
    state: 'differs',
    reason: expect.stringContaining('set replicas: 2 → of the chart'),
  })
  const drift = await site.get('/clusters/others/drift')
  expect(drift.json()).toMatchObject({ differs: true, plan: expect.any(String) })
})

it('tells of a release that is half removed what is left of it, and how that goes on', async () => {
  const file = join(site.desk.folder, 'held.tgz')
  const [ours] = JSON.parse(site.plane.kubectl(['get', 'secrets', '-A', '-l', 'owner=helm', '-o', 'json'])).items
  const mark = `--labels=slipway/installation=${ours.metadata.labels['slipway/installation']}`
  site.helmByHand('install', 'held', file, '--namespace=held', '--create-namespace', mark, '--set=replicas=0')
  expect(() => site.helmByHand('uninstall', 'held', '--namespace=held', '--timeout=1s')).toThrow()
  const goesOn = 'slipway platform disable others held --uninstall --namespace held'
  const { notes } = await site.status()
  expect(notes).toContainEqual({
    name: 'removal-broken-off',
    severity: 'warning',
    about: 'held',
    message: 'release held/held is half removed, as its removal was broken off: left are Deployment held/held',
    remedy: expect.stringContaining(`Go on with it: ${goesOn}.`),
  })
  const again = await site.desk.slipway([...goesOn.split(' ').slice(1), '--dry-run'])
  expect(again.stdout).toContain('take out release held/held of web 1.0.0, whose removal was broken off')
  site.helmByHand('uninstall', 'held', '--namespace=held', '--no-hooks')
})

it('leaves what the file names no longer, and says so', async () => {
  const document = site.document(less)
  const made = await site.planned({ document, operation: platformApply() })
  const left = ['stuck/stuck', 'tools/operator-grafana'].map(place => ({
    name: 'no-longer-named',
    severity: 'warning',
    message: expect.stringContaining(`release ${place} `),
  }))
  expect(made).toMatchObject({ blocked: false, notes: left })
  expect(await site.applied({ document, operation: platformApply() })).toMatchObject({ status: 'completed' })
  const after = await site.status()
  expect(after).toMatchObject({ differs: false, notes: left })
  expect(after.components.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'prerequisites ready',
    'operator-fluent external',
    'web ready',
  ])
  expect(site.plane.kubectl(['get', 'deployments', '-n', 'tools', '-o', 'name'])).toContain('operator-grafana')
})

it.each([
  [
    'another node',
    [{ ...m1, hostname: 'm2', internal_ip: '10.77.1.12' }],
    /m2 is not on record; m1 is not in the file/,
  ],
  ['another address', [{ ...m1, internal_ip: '10.77.1.99' }], /m1 is at 10\.77\.1\.11 on record/],
])('a whole file with %s is refused, of which the platform alone can be had', async (_what, nodes, message) => {
  const document = site.document(less, nodes)
  const refused = await site.post('/plans', { document, operation: { operation: 'apply' } })
  expect(refused.json()).toMatchObject({ code: 'usage', detail: expect.stringMatching(message) })
  expect(await site.planned({ document, operation: platformApply() })).toMatchObject({
    blocked: false,
    notes: expect.arrayContaining([
      expect.objectContaining({ name: 'file-says-more', message: expect.stringContaining('nodes') }),
    ]),
  })
})

it('says what is on record where the API does not answer', async () => {
  await site.plane.restartServer(async () => {
    const away = await site.status()
    expect(away).toMatchObject({ differs: true, api: { error: { code: 'api-unreachable' } } })
    expect(away.components.map(({ name, state, last_run }) => [name, state, last_run?.status])).toEqual([
      ['prerequisites', 'unknown', 'completed'],
      ['operator-fluent', 'unknown', undefined],
      ['web', 'unknown', 'completed'],
    ])
  })
})

it('is planned, told and followed on the command line in the same words', async () => {
  const shown = await site.desk.slipway(['platform', 'status', 'others'])
  expect(shown).toMatchObject({ code: 0 })
  expect(shown.stdout).toMatch(/^operator-fluent +external +3\.6\.0 +Deployment default\/fluent-operator/m)
  expect(shown.stderr).toContain('slipway platform disable others stuck --uninstall --namespace stuck')
  writeFileSync(join(site.desk.folder, 'cluster.yaml'), (await site.desk.slipway(['export', 'others'])).stdout)
  const args = ['platform', 'plan', 'others', '-f', 'cluster.yaml']
  const plan = await site.desk.slipway([...args, '-o', 'json'])
  expect(plan).toMatchObject({ code: 0 })
  const { hash } = plannedShape.parse(JSON.parse(plan.stdout))
  const same = await site.post('/clusters/others/platform/plan', {})
  expect(same.json()).toMatchObject({ hash, notes: expect.any(Array) })
  expect((await site.status()).plan).toBe(hash)
  expect(await site.desk.slipway(['platform', 'apply', 'others', '--yes'])).toMatchObject({ code: 0 })
  expect((await site.desk.slipway(['platform', 'apply', 'others', 'nothing', '--yes'])).stderr).toContain(
    'It has operator-fluent, web.',
  )
  expect((await site.desk.slipway(['apply', '-f', 'cluster.yaml', '--yes'])).stdout).toBe('others: nothing to do\n')
  const logs = await site.desk.slipway(['platform', 'logs', 'others', 'stuck', '-f'])
  expect(logs).toMatchObject({ code: 0 })
  expect(logs.stdout).toMatch(/stage-failed +Deployment stuck\/stuck: not within/)
})
