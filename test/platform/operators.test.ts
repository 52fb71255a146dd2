import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabChartName, labChart } from '../../lab/operators/charts.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { byApi, helmEnvironment } from './byApi.ts'
import { helm } from './packedChart.ts'
import { platformBench } from './platformBench.ts'

/** What is decided of an operator in each state that it can be in, on a real API server, with charts of the real names. */

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1' }, status: { allocatable: { pods: '200' } } }
  plane.kubectl(['create', '-f', '-'], JSON.stringify(node))
}, 60_000)
afterAll(() => plane?.[Symbol.asyncDispose]())

const reach = () => byApi(() => plane.kubeconfig)
const bench = platformBench(reach)
const benchOfAnother = platformBench(reach, 'of-another')

/** Component, chart, and the image by which an old one is told. */
const operators = [
  ['operator-pgo', 'pgo', 'crunchydata/postgres-operator:ubi8-5.0.4-0', '5.0.4'],
  ['operator-victoriametrics', 'victoria-metrics-operator', 'victoriametrics/operator:v0.40.0', '0.40.0'],
  ['operator-opensearch', 'opensearch-operator', 'opensearchproject/opensearch-operator:2.1.0', '2.1.0'],
  ['operator-grafana', 'grafana-operator', 'grafana/grafana-operator:v5.0.0', '5.0.0'],
  ['operator-fluent', 'fluent-operator', 'kubesphere/fluent-operator:v2.0.0', '2.0.0'],
  ['operator-kube-state-metrics', 'kube-state-metrics', 'kube-state-metrics/kube-state-metrics:v2.1.0', '2.1.0'],
] as const

const platformOf = (component: string): PlatformSpec => ({ components: { [component]: { chart: 'packed.tgz' } } })
const over = (component: string, chart: LabChartName, by = bench) =>
  by(platformOf(component), () => labChart(chart).toString('base64'))

async function byHand(chart: LabChartName, ...args: string[]) {
  const file = join(plane.folder, `${chart}.tgz`)
  writeFileSync(file, labChart(chart))
  const env = helmEnvironment(plane)
  await promisify(execFile)(
    helm.path,
    args.map(arg => (arg === 'CHART' ? file : arg)),
    { env },
  )
}
interface Deployment {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { readonly name: string }[] } } }
}
const deployments = (namespace: string): readonly Deployment[] =>
  JSON.parse(plane.kubectl(['get', 'deployments', '-n', namespace, '-o', 'json'])).items
const patch = ({ metadata }: Deployment, body: object) =>
  plane.kubectl(['patch', 'deployment', metadata.name, '-n', metadata.namespace, '--patch', JSON.stringify(body)])
const available = (namespace: string) =>
  plane.kubectl(['wait', '--for=condition=Available', 'deployments', '--all', '-n', namespace, '--timeout=30s'])
const nowhere = {
  spec: { template: { spec: { nodeSelector: { none: 'such' } } }, strategy: { type: 'Recreate', rollingUpdate: null } },
}
const without = { spec: { template: { spec: { nodeSelector: { none: null } } } } }
const releases = (name: string) =>
  plane.kubectl(['get', 'secrets', '-A', '-l', `owner=helm,name=${name}`, '-o', 'jsonpath={.items[*].metadata.name}'])

describe.each(operators)('%s', (component, chart, oldImage, oldVersion) => {
  it('of somebody else is used, left alone where it is old or ill, and not installed beside; ours is installed, kept and mended', async () => {
    const told = async () => (await over(component, chart).told())[component]
    expect(await told()).toContainEqual(expect.stringMatching(/^install .* as .*/))

    const place = `of-${chart}`
    await byHand(chart, 'install', 'theirs', 'CHART', `--namespace=${place}`, '--create-namespace')
    available(place)
    const [theirs] = deployments(place)
    if (!theirs) throw new Error('no Deployment')
    expect(await told()).toMatch(
      /^skip: that of somebody else is used: .*Deployment of-.* of Helm release of-.*\/theirs$/,
    )

    patch(theirs, nowhere)
    await until('it is seen as not ready', async () => String(await told()).includes('component-unhealthy'))
    patch(theirs, without)
    const container = theirs.spec.template.spec.containers.at(-1)?.name
    patch(theirs, { spec: { template: { spec: { containers: [{ name: container, image: oldImage }] } } } })
    await until('it is ready again', async () => !String(await told()).includes('component-unhealthy'))
    expect(await told()).toEqual([
      expect.stringMatching(new RegExp(`^component-too-old: ${oldVersion}, .* older than`)),
    ])
    expect(releases(component)).toBe('')
    await byHand(chart, 'uninstall', 'theirs', `--namespace=${place}`, '--wait')

    expect(await over(component, chart).apply()).toMatchObject({ status: 'completed', errors: [] })
    expect(await told()).toMatch(/^skip: .* is installed and ready$/)
    expect((await over(component, chart, benchOfAnother).told())[component]).toMatch(
      /^skip: that of somebody else is used/,
    )

    const ours = JSON.parse(plane.kubectl(['get', 'deployments', '-A', '-o', 'json'])).items.find(
      (one: { metadata: { annotations: Record<string, string> } }) =>
        one.metadata.annotations['meta.helm.sh/release-name'] === component,
    )
    patch(ours, nowhere)
    await until('ours is seen as not ready', async () => String(await told()).includes('wait until its workloads'))
    plane.kubectl(['delete', 'deployment', ours.metadata.name, '-n', ours.metadata.namespace])
    expect(await told()).toContainEqual(expect.stringMatching(/^bring back what is gone: Deployment/))
    expect(await over(component, chart).apply()).toMatchObject({ status: 'completed', errors: [] })
    expect(await told()).toMatch(/^skip: .* is installed and ready$/)
  })
})

it('two installations that come at the same moment have one operator, and each is content with it', async () => {
  for (const [component, chart] of [operators[0], operators[3]]) {
    const place = plane.kubectl(['get', 'secrets', '-A', '-l', `owner=helm,name=${component}`, '-o', 'name'])
    expect(place).not.toBe('')
    await byHand(chart, 'uninstall', component, `--namespace=${namespaces[component]}`, '--wait')
    const both = await Promise.all([bench, benchOfAnother].map(by => over(component, chart, by).apply()))
    expect(both.map(({ status, errors }) => ({ status, errors }))).toEqual([
      { status: 'completed', errors: [] },
      { status: 'completed', errors: [] },
    ])
    expect(releases(component)).toBe(`sh.helm.release.v1.${component}.v1`)
    for (const by of [bench, benchOfAnother])
      expect((await over(component, chart, by).told())[component]).toMatch(
        /^skip: (that of somebody else is used|.* is installed)/,
      )
  }
})

const namespaces: Readonly<Record<string, string>> = {
  'operator-pgo': 'postgres-operator',
  'operator-grafana': 'grafana-operator',
}
