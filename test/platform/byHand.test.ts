import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubeconfigText } from '../../src/kubernetes/kubeconfigText.ts'
import type { ControlPlane } from '../kubernetes/controlPlane.ts'
import { type FaultyPlane, startFaultyPlane } from '../kubernetes/faultyPlane.ts'
import { until } from '../until.ts'
import { byApi } from './byApi.ts'
import { chartBench } from './chartBench.ts'
import { deployment, packedChart, values } from './packedChart.ts'

/** What somebody changes by hand in what charts have made, on a real API server: it is told, and put back; nothing else is. */

let faulty: FaultyPlane
let plane: ControlPlane
beforeAll(async () => {
  faulty = await startFaultyPlane('controllers', 'scheduler', 'kwok')
  plane = faulty.plane
  plane.kubectl(['create', '-f', '-'], node)
}, 60_000)
afterAll(() => faulty?.[Symbol.asyncDispose]())

const node = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'w1', labels: { 'kubernetes.io/hostname': 'w1' } },
  status: {
    capacity: { pods: '100', cpu: '64', memory: '64Gi' },
    allocatable: { pods: '100', cpu: '64', memory: '64Gi' },
  },
})
const bench = chartBench(() => byApi(() => kubeconfigText(faulty.proxy.access, 'proxy')))
type Chart = Parameters<typeof bench.told>[1]

const get = (what: string, namespace: string, path: string) =>
  plane.kubectl(['get', what, '-n', namespace, `--output=jsonpath={${path}}`])
const merge = (what: string, namespace: string, body: object) =>
  plane.kubectl(['patch', what, '-n', namespace, '--type=merge', `--patch=${JSON.stringify(body)}`])
const scale = (what: string, namespace: string, replicas: number) =>
  plane.kubectl(['scale', what, '-n', namespace, `--replicas=${replicas}`])
const stateOf = async (packed: Buffer, chart: Chart) => {
  const [stage] = (await bench.plan(packed, chart)).stages
  return stage?.decision.kind === 'unknown' ? undefined : stage?.decision.facts
}
const untouched = { kind: 'skip', reason: 'web 1.0.0 is installed and ready', facts: { state: 'ready' } }
const waits = 'wait until its workloads are ready'

const web = packedChart({ 'templates/web.yaml': deployment, 'values.yaml': values })
const bare = packedChart({ 'templates/web.yaml': deployment.replace(/ +replicas:.*\n/, ''), 'values.yaml': values })

describe('a workload that is scaled to 0', () => {
  it('is not ready, and gets back the pods that its release says, or one where it says nothing', async () => {
    for (const [name, packed, replicas] of [
      ['said', web, 2],
      ['unsaid', bare, 1],
    ] as const) {
      const chart = { name, values: { replicas } }
      expect(await bench.apply(packed, chart)).toMatchObject({ status: 'completed' })
      expect(await bench.told(packed, chart)).toMatchObject(untouched)
      scale(`deployment/${name}`, name, 0)
      expect(await stateOf(packed, chart)).toMatchObject({ state: 'not-ready' })
      expect(await bench.told(packed, chart)).toEqual([
        `Deployment ${name}/${name} is scaled to 0: spec.replicas: 0 → ${replicas}, as the release says`,
        waits,
      ])
      expect(await bench.apply(packed, chart)).toMatchObject({ status: 'completed' })
      expect(get(`deployment/${name}`, name, '.status.availableReplicas')).toBe(String(replicas))
      expect(await bench.told(packed, chart)).toMatchObject(untouched)
    }
  })
  it('is as it is to be where an autoscaler may do that, or the chart wants none', async () => {
    const none = { name: 'none', values: { replicas: 0 } }
    expect(await bench.apply(web, none)).toMatchObject({ status: 'completed' })
    expect(await bench.told(web, none)).toMatchObject(untouched)
    scale('deployment/none', 'none', 1)
    await until('it has a pod', () => get('deployment/none', 'none', '.status.availableReplicas') === '1')
    expect(await bench.told(web, none)).toMatchObject(untouched)
    const chart = { name: 'scaled', values: { replicas: 2 } }
    expect(await bench.apply(web, chart)).toMatchObject({ status: 'completed' })
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' }
    const scaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'any', namespace: 'scaled' },
      spec: { scaleTargetRef: target, maxReplicas: 5 },
    }
    plane.kubectl(['create', '-f', '-'], JSON.stringify(scaler))
    for (const replicas of [0, 3]) {
      scale('deployment/scaled', 'scaled', replicas)
      await until(
        'it is seen',
        () => get('deployment/scaled', 'scaled', '.status.availableReplicas') === (replicas === 0 ? '' : '3'),
      )
      expect(await bench.told(web, chart)).toMatchObject(untouched)
    }
    plane.kubectl(['delete', 'hpa', 'any', '-n', 'scaled'])
    expect(await bench.told(web, chart)).toEqual([
      'Deployment scaled/scaled: spec.replicas: 3 → 2, as the release says',
      waits,
    ])
    expect(await stateOf(web, chart)).toMatchObject({ state: 'differs' })
  })
})

/** With what a comparison of texts would take for a change. */
const spelled = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, labels: { tier: data }, annotations: { a.example/b.c: "1" } }
spec:
  replicas: {{ .Values.replicas }}
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      hostNetwork: false
      nodeSelector: null
      securityContext: {}
      volumes: [{ name: text, configMap: { name: text, defaultMode: 0644 } }]
      containers:
        - name: db
          image: "example.test/db:{{ .Values.tag }}"
          args: [--quiet]
          ports: [{ containerPort: 5432 }, { containerPort: 8080, name: http }]
          resources: { requests: { cpu: 1000m, memory: 0.5Gi }, limits: { cpu: "2" } }
          env: [{ name: LEVEL, value: info }, { name: PASSWORD, value: not-to-be-shown }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: text }
data: { "app.conf": "level = info", word: "yes" }
---
apiVersion: v1
kind: Secret
metadata: { name: login }
stringData: { password: {{ .Values.tag | quote }}, filled: "" }
data: { token: {{ randAlphaNum 20 | b64enc }} }
---
apiVersion: v1
kind: Service
metadata: { name: db }
spec: { selector: { app: db }, ports: [{ port: 5432 }] }
---
apiVersion: v1
kind: Service
metadata: { name: other }
spec: { selector: { app: db }, ports: [{ port: 80, targetPort: http }] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: hook.{{ .Release.Name }}.test }
webhooks:
  - name: hook.{{ .Release.Name }}.test
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    matchPolicy: Exact
    clientConfig: { caBundle: "", service: { name: db, namespace: {{ .Release.Namespace }} } }
    rules: []
`
const whole = packedChart({ 'templates/db.yaml': spelled, 'values.yaml': values })

const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

describe('objects of a release', () => {
  const chart = { name: 'edited' }
  const set = 'statefulset/db'
  it('are no others for how they are written, nor for what controllers and operators keep in them', async () => {
    expect(await bench.apply(whole, chart)).toMatchObject({ status: 'completed', errors: [] })
    const before = faulty.proxy.asked.length
    expect(await bench.told(whole, chart)).toMatchObject(untouched)
    const asked = faulty.proxy.asked.slice(before)
    expect(asked.filter(({ method }) => method !== 'GET')).toEqual([])
    // Five kinds of objects in four groups, the release and its namespace.
    expect(asked.length).toBeLessThanOrEqual(17)
    plane.kubectl(['rollout', 'restart', set, '-n', 'edited'])
    plane.kubectl(['annotate', 'configmap/text', '-n', 'edited', 'mine=yes'])
    merge('configmap/text', 'edited', { data: { more: 'mine' } })
    const sidecar = { name: 'sidecar', image: 'example.test/sidecar' }
    const patched = JSON.stringify({ spec: { template: { spec: { containers: [sidecar] } } } })
    plane.kubectl(['patch', set, '-n', 'edited', `--patch=${patched}`, '--field-manager=injector'])
    const ca = [{ name: 'hook.edited.test', clientConfig: { caBundle: Buffer.from('CA').toString('base64') } }]
    const webhooks = JSON.stringify({ webhooks: ca })
    plane.kubectl(['patch', 'validatingwebhookconfiguration', 'hook.edited.test', `--patch=${webhooks}`])
    merge('secret/login', 'edited', { stringData: { filled: 'by a Job' } })
    const operator = ['--field-manager=some-operator', '--type=merge', '-n', 'edited']
    plane.kubectl(['patch', 'configmap/text', ...operator, '--patch={"data":{"word":"no"}}'])
    await until('the pod is ready anew', () => get(set, 'edited', '.status.updatedReplicas') === '1')
    await until(
      'it is as it is to be',
      async () => (await bench.plan(whole, chart)).stages[0]?.decision.kind === 'skip',
    )
    expect(await bench.told(whole, chart)).toMatchObject(untouched)
  })

  it('are told where somebody has changed them, without what may be secret, and are put back without a new revision', async () => {
    plane.kubectl(['set', 'image', set, 'db=example.test/db:mine', '-n', 'edited'])
    plane.kubectl(['set', 'env', set, 'LEVEL=debug', 'PASSWORD=nor-this', '-n', 'edited'])
    plane.kubectl(['label', set, 'tier=mine', '-n', 'edited', '--overwrite'])
    merge('configmap/text', 'edited', { data: { 'app.conf': 'level = debug' } })
    merge('secret/login', 'edited', { stringData: { password: 'neither-this' } })
    merge('service/other', 'edited', { spec: { ports: [{ port: 80, targetPort: 8080 }] } })
    const noLimits = { containers: [{ name: 'db', resources: { limits: null } }] }
    const patch = JSON.stringify({ spec: { template: { spec: noLimits } } })
    plane.kubectl(['patch', set, '-n', 'edited', `--patch=${patch}`])
    plane.kubectl(['delete', 'service/db', '-n', 'edited'])
    const made = await bench.plan(whole, chart)
    expect(await stateOf(whole, chart)).toMatchObject({ state: 'differs' })
    const ofSet = (words: string) => `StatefulSet edited/db: ${words} (changed by kubectl-label, kubectl-set)`
    const container = 'spec.template.spec.containers[1]'
    expect(await bench.told(whole, chart)).toEqual([
      'bring back what is gone: Service edited/db',
      'Secret edited/login: what is in it becomes what the release says (changed by kubectl-patch)',
      'ConfigMap edited/text: data.app.conf: •••• → ••••, as the release says (changed by kubectl-patch)',
      'Service edited/other: spec.ports[0].targetPort: 8080 → http, as the release says (changed by kubectl-patch)',
      ofSet('metadata.labels.tier: mine → data, as the release says'),
      ofSet(`${container}.env[0].value: •••• → ••••, as the release says`),
      ofSet(`${container}.env[1].value: •••• → ••••, as the release says`),
      ofSet(`${container}.image: example.test/db:mine → example.test/db:1, as the release says`),
      ofSet(`${container}.resources.limits.cpu: not there → 2, as the release says`),
      waits,
    ])
    expect(JSON.stringify(made.stages.map(({ decision }) => decision))).not.toMatch(/nor-this|neither-this|not-to-be/)
    const revisions = () => plane.kubectl(['get', 'secrets', '-n', 'edited', '-l', 'owner=helm', '-o', 'name'])
    const before = revisions()
    const { status, events } = await bench.apply(whole, chart)
    expect(revisions()).toBe(before)
    expect(status).toBe('completed')
    expect(JSON.stringify(events)).not.toMatch(/nor-this|neither-this|not-to-be/)
    expect(await bench.told(whole, chart)).toMatchObject(untouched)
    expect(get('service/db', 'edited', '.spec.ports[0].port')).toBe('5432')
    expect(get('secret/login', 'edited', '.data.filled')).toBe(Buffer.from('by a Job').toString('base64'))
  })
  it('that become others with the chart are so at once, whoever has changed them before', async () => {
    plane.kubectl(['set', 'image', set, 'db=example.test/db:2', '-n', 'edited'])
    const newer = { ...chart, values: { tag: '2' } }
    expect(await bench.told(whole, newer)).toEqual([
      'set tag: of the chart → 2',
      'StatefulSet edited/db: spec.template.spec.containers[1].image becomes what the chart says (changed by kubectl-set)',
      waits,
    ])
    expect(await bench.apply(whole, newer)).toMatchObject({ status: 'completed', errors: [] })
    expect(await bench.told(whole, newer)).toMatchObject(untouched)
  })

  it('that were made anew by somebody else are in the way, and are nobody’s to change, until they are said to be the release’s', async () => {
    const newer = { ...chart, values: { tag: '2' } }
    plane.kubectl(['delete', 'configmap/text', '-n', 'edited'])
    plane.kubectl(['create', 'configmap', 'text', '--from-literal=word=mine', '-n', 'edited'])
    const [stage] = (await bench.plan(whole, newer)).stages
    expect(stage?.unmet).toMatchObject([
      { name: 'object-of-another-release', message: expect.stringContaining('ConfigMap edited/text does not bear') },
    ])
    const [, command = ''] = /: kubectl (.*)\.$/.exec(stage?.unmet[0]?.remedy ?? '') ?? []
    plane.kubectl(command.split(' '))
    expect(await bench.apply(whole, newer)).toMatchObject({ status: 'completed', errors: [] })
    expect(get('configmap/text', 'edited', '.data.word')).toBe('yes')
  })

  it('of kinds that a definition makes are told and put back as well, but for what their operator has used up', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'things.hand.test' },
      spec: {
        group: 'hand.test',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    }
    const thing = 'apiVersion: hand.test/v1\nkind: Thing\nmetadata: { name: one }\nspec: { size: 0.5Gi, once: now }\n'
    const things = packedChart({ 'crds/a.yaml': JSON.stringify(definition), 'templates/a.yaml': thing })
    expect(await bench.apply(things, { name: 'things' })).toMatchObject({ status: 'completed', errors: [] })
    merge('thing/one', 'things', { spec: { once: null } })
    expect(await bench.told(things, { name: 'things' })).toMatchObject(untouched)
    merge('thing/one', 'things', { spec: { size: '2Gi' } })
    expect(await bench.told(things, { name: 'things' })).toContain(
      'Thing things/one: spec.size: 2Gi → 0.5Gi, as the release says (changed by kubectl-patch)',
    )
    plane.kubectl(['delete', 'crd', 'things.hand.test'])
    expect(await bench.told(things, { name: 'things' })).toEqual([
      'bring the definition of things.hand.test',
      'bring back what is gone: Thing things/one',
      waits,
    ])
    expect(await bench.apply(things, { name: 'things' })).toMatchObject({ status: 'completed', errors: [] })
    expect(get('thing/one', 'things', '.spec.size')).toBe('0.5Gi')
    expect(await bench.told(things, { name: 'things' })).toMatchObject(untouched)
  })
})
