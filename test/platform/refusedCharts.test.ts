import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { byApi } from './byApi.ts'
import { chartBench } from './chartBench.ts'
import { deployment, packedChart, values } from './packedChart.ts'
import { serveWebhooks, type Webhook } from './webhooks.ts'

/** What a first installation would fail of is told by the plan, before anything is done; on a real API server, by the real Helm. */

let plane: ControlPlane
let webhook: Webhook
beforeAll(async () => {
  plane = await startControlPlane('controllers')
  webhook = await serveWebhooks(plane)
}, 60_000)
afterAll(async () => {
  await webhook?.[Symbol.asyncDispose]()
  await plane?.[Symbol.asyncDispose]()
})

const bench = chartBench(() => byApi(() => plane.kubeconfig))
const noCluster = chartBench(() => ({
  secret: async () => null,
  hosts: () => Promise.reject(new Error('no server is asked')),
}))
const web = packedChart({ 'templates/web.yaml': deployment, 'values.yaml': values })
const of = (template: string, more: Readonly<Record<string, string>> = {}, metadata: object = {}) =>
  packedChart({ 'templates/a.yaml': template, ...more }, metadata)
const unmetOf = async (
  packed: Uint8Array,
  ...charts: Parameters<typeof bench.plan> extends [unknown, ...infer C] ? C : never
) => (await bench.plan(packed, ...charts)).stages.at(-1)?.unmet
const kubectl = (...args: string[]) => plane.kubectl(args)
const create = (...objects: readonly object[]) =>
  plane.kubectl(['create', '-f', '-'], objects.map(one => JSON.stringify(one)).join('\n---\n'))

describe('a chart that Helm or the API refuses', () => {
  const schema = JSON.stringify({ properties: { replicas: { type: 'integer', minimum: 0 } } })
  const secret = 'hunter-of-snow'

  it.each([
    ['values-of-the-api', web, { replicas: -1 }, /^the API would refuse Deployment (\S+)\/\1: .*replicas/],
    [
      'no-field',
      of('apiVersion: v1\nkind: Secret\nmetadata: { name: a }\ndatum: { a: b }'),
      {},
      /Secret no-field\/a: .*datum/,
    ],
    ['required', of('\n{{ required "say who" .Values.who }}'), {}, /templates\/a.yaml:2:3.*say who$/],
    [
      'fails',
      of('{{ fail (printf "%s, %v and %s" .Values.password .Values.db.token .Values.hidden) }}'),
      { password: secret, db: { token: 1234 } },
      /templates\/a.yaml:1:3\): ••••, •••• and ••••$/,
    ],
    [
      'no-template',
      of('', { 'templates/_a.tpl': '{{ if }}' }),
      {},
      /parse error at \(web\/templates\/_a.tpl:1\): missing value for if$/,
    ],
    ['no-yaml', of('a: b\n c: d'), {}, /YAML parse error on web\/templates\/a.yaml: .*line 2/],
    ['other-kubernetes', of('', {}, { kubeVersion: '>=1.99' }), {}, /requires kubeVersion: >=1\.99/],
    ['schema', packedChart({ 'values.yaml': values, 'values.schema.json': schema }), { replicas: -1 }, /replicas/],
  ])('%s: stands in the way of the plan, in its words, and nothing is done', async (name, packed, given, words) => {
    const chart = { name, values: given, secret_values: 'pw1' }
    expect(await unmetOf(packed, chart)).toEqual([
      expect.objectContaining({ name: 'chart-refused', about: `chart ${name}`, message: expect.stringMatching(words) }),
    ])
    await expect(bench.apply(packed, chart)).rejects.toMatchObject({ code: 'preflight-failed' })
    expect(kubectl('get', 'namespaces', '-o', 'name')).not.toContain(name)
  })

  it('is none for what a reader of another YAML would refuse, nor for what stands in its place elsewhere', async () => {
    const pod = `
apiVersion: v1
kind: Pod
metadata: { name: loose }
spec:
  hostNetwork: no
  containers: [{ name: a, image: a, volumeMounts: [{ name: a, mountPath: /a }] }]
  volumes: [{ name: a, emptyDir: {} }, { name: b, configMap: { name: b, defaultMode: 0644 } }]
`
    create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'fixed', namespace: 'default' }, immutable: true })
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: { name: fixed }\nstringData: { a: "1" }'
    expect(await unmetOf(of(`${pod}---\n${secret}`), { name: 'loose' })).toEqual([])
  })

  it('is told before there is a cluster, where that does not hang on it', async () => {
    const told = async (packed: Uint8Array) => {
      const [stage] = (await noCluster.plan(packed, { name: 'early' })).stages
      return { names: stage?.unmet.map(({ name }) => name), reason: stage?.decision }
    }
    const both = ['cluster-not-formed', 'chart-refused']
    expect((await told(of('{{ required "say who" .Values.who }}'))).names).toEqual(both)
    expect((await told(of('', {}, { kubeVersion: '<1.2' }))).names).toEqual(both)
    expect((await told(of('{{ lookup "v1" "Node" "" "" | len | div 1 }}{{ if }}'))).names).toEqual(both)
    expect(await told(of('{{ if not (lookup "v1" "Namespace" "" "x") }}{{ fail "x is missing" }}{{ end }}'))).toEqual({
      names: ['cluster-not-formed'],
      reason: expect.objectContaining({
        reason: expect.stringMatching(/^the cluster is not there yet; .*x is missing$/),
      }),
    })
    expect((await told(web)).names).toEqual(['cluster-not-formed'])
  })

  it('by a rule of the cluster is told where the rule is asked, and may be accepted', async () => {
    create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ruled' } })
    webhook.register('rule', { group: 'apps', resource: 'deployments', namespace: 'ruled', denial: 'it has no owner' })
    await until('it is asked', async () => ((await unmetOf(web, { name: 'ruled' }))?.length ?? 0) > 0)
    expect(await unmetOf(web, { name: 'ruled' })).toMatchObject([
      {
        name: 'object-denied',
        severity: 'warning',
        message: expect.stringMatching(/^the API would refuse Deployment ruled\/ruled: .*it has no owner$/),
      },
    ])
    webhook.unregister('rule')
  })
})

describe('kinds that the API does not know', () => {
  const thing = (group: string) =>
    JSON.stringify({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'one' } })
  const definition = (group: string, version = 'v1') => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  })

  it('are told, all of them, and what is served instead', async () => {
    create(definition('c.test', 'v2'))
    await until('it is served', async () => kubectl('api-resources', '--api-group=c.test').includes('things'))
    expect(await unmetOf(of(`${thing('b.test')}\n---\n${thing('c.test')}`), { name: 'unknown' })).toMatchObject([
      { name: 'definition-missing', severity: 'error', message: 'the API does not know Thing (b.test/v1)' },
      {
        name: 'definition-missing',
        message: 'the API does not know Thing (c.test/v1), only v2',
        remedy: expect.stringContaining('a version of the chart that is written for v2'),
      },
    ])
  })

  it('that a chart brings itself are there for its templates, though they ask for them', async () => {
    const has = '{{ if not (.Capabilities.APIVersions.Has "f.test/v1/Thing") }}{{ fail "no things" }}{{ end }}'
    const crds = { 'crds/things.yaml': JSON.stringify(definition('f.test')) }
    expect(await unmetOf(of(`${has}\n${thing('f.test')}`, crds), { name: 'brings' })).toEqual([])
    expect(await unmetOf(of(has), { name: 'asks' })).toMatchObject([{ name: 'chart-refused' }])
  })

  it('come with a chart that comes before; the run looks again when it is there', async () => {
    // One file for both: by its values it brings the kind, or has an object of it.
    const packed = of(
      `{{ if .Values.brings }}\n${JSON.stringify(definition('d.test'))}\n{{ else }}\n${thing('d.test')}\n{{ end }}`,
    )
    const first = { name: 'first', values: { brings: true } }
    const { stages } = await bench.plan(packed, first, { name: 'later', after: ['first'] })
    expect(stages.at(-1)).toMatchObject({ after: ['platform/chart:first'], unmet: [], decision: { kind: 'run' } })
    const { status, errors } = await bench.apply(packed, first, { name: 'later', after: ['first'] })
    expect({ status, errors }).toEqual({ status: 'completed', errors: [] })

    const nobody = of(`{{ if not .Values.brings }}${thing('e.test')}{{ end }}`)
    const made = await bench.apply(nobody, { ...first, name: 'none' }, { name: 'left', after: ['none'] })
    expect(made.errors).toMatchObject([
      { code: 'preflight-failed', message: 'the API does not know Thing (e.test/v1)' },
    ])
    expect(kubectl('get', 'namespaces', '-o', 'name')).not.toContain('left')
  })
})

describe('what an older installer has left', () => {
  const job = (name: string, hook?: string) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...(hook !== undefined && { annotations: { 'helm.sh/hook': hook } }) },
    spec: {
      activeDeadlineSeconds: 1,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] } },
    },
  })
  const inPlace = (namespace: string, object: { readonly metadata: object }) => ({
    ...object,
    metadata: { ...object.metadata, namespace },
  })
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } }
  const chart = packedChart({
    'templates/init.yaml': JSON.stringify(job('init', 'pre-install')),
    'templates/migrate.yaml': JSON.stringify(job('migrate')),
    'templates/settings.yaml': JSON.stringify(settings),
  })
  const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const uids = (name: string) => kubectl('get', 'jobs', '-n', name, '-o', 'jsonpath={.items[*].metadata.uid}')

  it('Jobs that the chart would make are named, also those of hooks, and go only when that is accepted', async () => {
    create(namespace('jobs'), ...['init', 'migrate'].map(name => inPlace('jobs', job(name))))
    const before = uids('jobs')
    const made = await bench.plan(chart, { name: 'jobs' })
    expect(made.stages[0]?.unmet).toMatchObject([{ name: 'job-of-another', severity: 'warning' }])
    expect(made.stages[0]?.unmet[0]?.message).toMatch(/: Job jobs\/init, Job jobs\/migrate$/)
    expect(await bench.told(chart, { name: 'jobs' })).toEqual([
      'delete Job jobs/init, which the release has not made',
      'delete Job jobs/migrate, which the release has not made',
      'install web 1.0.0 as jobs/jobs',
      'wait until its workloads are ready',
    ])
    await expect(bench.apply(chart, { name: 'jobs' })).rejects.toMatchObject({ code: 'preflight-failed' })
    expect(uids('jobs')).toBe(before)

    // Nobody carries the hook out: it is enough that the two have made room.
    const accepted = bench.applyWith(['job-of-another'], chart, { name: 'jobs' })
    await until('they have made room', async () => before.split(' ').every(uid => !uids('jobs').includes(uid)))
    expect((await accepted).errors).toMatchObject([{ code: 'chart-refused' }])
    // What Helm has left of its hook is its own.
    expect(await unmetOf(chart, { name: 'jobs', namespace: 'jobs' })).toEqual([])
  })

  it('anything else of it is named with who has it, and stays', async () => {
    create(namespace('others'), inPlace('others', settings))
    expect(await unmetOf(chart, { name: 'others' })).toMatchObject([
      { name: 'object-of-another', severity: 'error', message: expect.stringMatching(/: ConfigMap others\/settings$/) },
    ])
    expect(kubectl('get', 'configmap', 'settings', '-n', 'others', '-o', 'name')).toContain('settings')
  })
})
