import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removalPipeline } from '../../src/platform/removal/pipeline.ts'
import { rollbackPipeline } from '../../src/platform/rollback/pipeline.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { byApi, helmByHand, helmEnvironment } from './byApi.ts'
import { chartBench } from './chartBench.ts'
import { failingHook, deployment, helm, packedChart, values } from './packedChart.ts'

/** Releases go back to what they were, on a real API server, by the real Helm. */

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane('controllers')
}, 60_000)
afterAll(() => plane?.[Symbol.asyncDispose]())

const bench = chartBench(() => byApi(() => plane.kubeconfig))
const back = (component: string, revision: number | null = null) =>
  rollbackPipeline('demo', { operation: 'platform-rollback', component, revision, namespace: null }, undefined)
const off = (name: string) => {
  const operation = {
    operation: 'platform-disable',
    components: [name],
    uninstall: true,
    cascade: 'background',
  } as const
  return removalPipeline('demo', { ...operation, namespace: null, unknown: [] }, undefined).stages
}
const found = async (name: string, revision: number | null = null) =>
  (await bench.planOf(back(name, revision))).stages.flatMap(({ unmet }) => unmet)
const get = (...args: string[]) => plane.kubectl(['get', '--ignore-not-found', ...args]).trim()
const revisions = (name: string) =>
  get(
    'secrets',
    `--namespace=${name}`,
    `--selector=owner=helm`,
    '--sort-by=.metadata.creationTimestamp',
    '--output=jsonpath={.items[*].metadata.labels.status}',
  )
const byHand = (...args: string[]) => helmByHand(plane, ...args)

/** A password that is made once, as charts make theirs. */
const password = `
{{- $kept := lookup "v1" "Secret" .Release.Namespace "password" }}
apiVersion: v1
kind: Secret
metadata: { name: password }
data: { password: {{ if $kept }}{{ $kept.data.password }}{{ else }}{{ randAlphaNum 20 | b64enc }}{{ end }} }
`
const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: more }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`
const files = { 'templates/web.yaml': deployment, 'templates/password.yaml': password, 'values.yaml': values }
const first = packedChart(files)
const second = packedChart(
  { ...files, 'templates/extra.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: extra }\n' },
  { version: '1.1.0' },
)
const idle = (name: string, more: object = {}) => ({ name, values: { replicas: 0, ...more } })
const secretOf = (name: string) => get('secret', 'password', '-n', name, '--output=jsonpath={.data.password}')

it('goes back to the revision before, once; it stays ours, passwords stay, and the newer one can be had again', async () => {
  expect(await bench.apply(first, idle('web', { tag: '1' }))).toMatchObject({ status: 'completed' })
  const kept = secretOf('web')
  expect(kept).not.toBe('')
  expect(await bench.apply(second, idle('web', { tag: '2', limit: 2 }))).toMatchObject({ status: 'completed' })
  expect(secretOf('web')).toBe(kept)

  expect(await bench.toldOf(back('web'))).toEqual([
    'roll back web/web: web 1.1.0 (revision 2) → web 1.0.0 (revision 1)',
    'set limit: 2 → of the chart',
    'set tag: •••• → ••••',
    'delete ConfigMap web/extra',
    'wait until its workloads are ready',
  ])
  expect(await bench.runOf(back('web'))).toMatchObject({ status: 'completed' })
  expect(revisions('web')).toBe('superseded superseded deployed')
  expect(get('configmap', 'extra', '-n', 'web', '--output=name')).toBe('')
  expect(secretOf('web')).toBe(kept)

  expect(await bench.toldOf(back('web'))).toMatchObject({
    kind: 'skip',
    reason: 'release web/web of web 1.0.0 is what it was in revision 1 already; --revision names another one',
  })
  // It is known as the very chart that it is, and as ours.
  expect(await bench.told(first, idle('web', { tag: '1' }))).toMatchObject({ kind: 'skip' })
  expect(await bench.told(second, idle('web', { tag: '1' }))).toContain('web: 1.0.0 → 1.1.0')
  expect(await bench.apply(second, idle('web', { tag: '2', limit: 2 }))).toMatchObject({ status: 'completed' })
  expect(await bench.runOf(back('web', 2))).toMatchObject({ status: 'completed' })
  expect(await found('web', 9)).toMatchObject([
    { name: 'nothing-to-roll-back', message: 'there is no revision 9; in force were 4, 3, 2, 1' },
  ])
})

it('goes back from a step that has failed to what is in force; where nothing ever was, it is to be taken out', async () => {
  expect(await bench.apply(first, idle('step'))).toMatchObject({ status: 'completed' })
  expect(await bench.apply(first, idle('step', { replicas: -1 }))).toMatchObject({ status: 'failed' })
  expect(await bench.told(first, idle('step'))).toMatchObject([
    expect.stringContaining('make web 1.0.0 whole again'),
    expect.anything(),
  ])
  expect(await bench.runOf(back('step'))).toMatchObject({ status: 'completed' })
  expect(revisions('step')).toBe('superseded failed deployed')
  expect(await bench.told(first, idle('step'))).toMatchObject({ kind: 'skip' })

  const failing = packedChart({ ...files, 'templates/hook.yaml': failingHook })
  expect(await bench.apply(failing, idle('never'))).toMatchObject({ status: 'failed' })
  expect(await found('never')).toMatchObject([
    { name: 'nothing-to-roll-back', remedy: expect.stringContaining('platform disable demo never --uninstall') },
  ])
  expect(await found('nowhere')).toMatchObject([{ name: 'nothing-to-roll-back' }])
})

describe('whose Helm was killed on the way back', () => {
  const hook = `
apiVersion: batch/v1
kind: Job
metadata: { name: never, annotations: { helm.sh/hook: pre-rollback } }
spec: { template: { spec: { restartPolicy: Never, nodeSelector: { a: b }, containers: [{ name: a, image: a }] } } }
`
  const hooked = packedChart({ ...files, 'templates/hook.yaml': hook })
  const cutBack = async (name: string) => {
    expect(await bench.apply(hooked, idle(name))).toMatchObject({ status: 'completed' })
    expect(await bench.apply(second, idle(name))).toMatchObject({ status: 'completed' })
    const child = spawn(helm.path, ['rollback', name, '1', `--namespace=${name}`], {
      env: helmEnvironment(plane),
      stdio: 'ignore',
    })
    await until('the hook is there', async () => get('job', 'never', '-n', name) !== '')
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(revisions(name)).toBe('superseded deployed pending-rollback')
  }

  it('goes on', async () => {
    await cutBack('cut')
    const told = await bench.toldOf(back('cut', 1))
    expect(told).toContain('roll back cut/cut: web 1.1.0 (revision 2) → web 1.0.0 (revision 1)')
    // It is still there, though the record of the step back does not know of it.
    expect(told).toContain('delete ConfigMap cut/extra')
    // Its hook will never run here, so the newer one is taken again.
    expect(await bench.apply(second, idle('cut'))).toMatchObject({ status: 'completed' })
    expect(await bench.told(second, idle('cut'))).toMatchObject({ kind: 'skip' })
  })

  it('is taken out with what only the newer revision has', async () => {
    await cutBack('out')
    const password = { accept: ['secrets-would-go'] }
    expect(await bench.toldOf(off('out'))).toContain('delete ConfigMap out/extra')
    expect(await bench.runOf(off('out'), password)).toMatchObject({ status: 'completed' })
    expect(get('configmaps,deployments,secrets', '-n', 'out', '--output=name')).toBe('')
  })
})

it('whose way back has failed still has what only the newer one has: an apply without it says that it goes', async () => {
  plane.kubectl(['create', 'namespace', 'aside'])
  const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: aside, namespace: aside }\n'
  const aside = packedChart({ ...files, 'templates/aside.yaml': object })
  expect(await bench.apply(aside, idle('stuck'))).toMatchObject({ status: 'completed' })
  expect(await bench.apply(second, idle('stuck'))).toMatchObject({ status: 'completed' })
  // What is to come back has no place any more.
  plane.kubectl(['delete', 'namespace', 'aside', '--wait=false'])
  expect(await bench.runOf(back('stuck'))).toMatchObject({ status: 'failed' })
  expect(revisions('stuck')).toBe('superseded superseded failed')
  expect(await bench.told(first, idle('stuck'))).toContain('delete ConfigMap stuck/extra, which the chart has no more')
  expect(await bench.apply(first, idle('stuck'))).toMatchObject({ status: 'completed' })
  expect(get('configmap', 'extra', '-n', 'stuck', '--output=name')).toBe('')
})

it('deletes no data, and takes nothing over that somebody else has by now', async () => {
  const more = packedChart({ ...files, 'templates/more.yaml': claim }, { version: '1.2.0' })
  expect(await bench.apply(second, idle('data'))).toMatchObject({ status: 'completed' })
  expect(await bench.told(more, idle('data'))).toContain('delete ConfigMap data/extra, which the chart has no more')
  expect(await bench.apply(more, idle('data'))).toMatchObject({ status: 'completed' })
  // A newer chart that has the volume no more would take it as well.
  const made = await bench.plan(second, idle('data'))
  expect(made.stages[0]?.unmet).toMatchObject([
    { name: 'volumes-would-go', message: expect.stringContaining('PersistentVolumeClaim data/more') },
  ])
  await expect(bench.apply(second, idle('data'))).rejects.toMatchObject({ code: 'preflight-failed' })
  plane.kubectl(['create', 'configmap', 'extra', '-n', 'data'])
  expect(await found('data')).toMatchObject([
    { name: 'volumes-would-go', message: expect.stringContaining('PersistentVolumeClaim data/more') },
    { name: 'object-of-another-release', message: expect.stringContaining('ConfigMap data/extra') },
  ])
  // One of the same name, in another namespace.
  const elsewhere = ['meta.helm.sh/release-name=data', 'meta.helm.sh/release-namespace=elsewhere']
  plane.kubectl(['annotate', 'configmap', 'extra', '-n', 'data', ...elsewhere])
  expect(await found('data')).toMatchObject([
    { name: 'volumes-would-go' },
    { name: 'object-of-another-release', message: expect.stringContaining('ConfigMap data/extra') },
  ])
})

it('of somebody else is left to them', async () => {
  byHand('create', join(plane.folder, 'theirs'))
  byHand('install', 'theirs', join(plane.folder, 'theirs'), '-n', 'theirs', '--create-namespace')
  expect(await found('theirs')).toMatchObject([{ name: 'release-of-another' }])
})
