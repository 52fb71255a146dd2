import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removalPipeline } from '../../src/platform/removal/pipeline.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { byApi, helmByHand, helmEnvironment } from './byApi.ts'
import { chartBench } from './chartBench.ts'
import { failingHook, deployment, helm, packedChart, values } from './packedChart.ts'

/** What is turned off, on a real API server, by the real Helm: what goes, what stays, and what is in the way. */

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane('controllers')
}, 60_000)
afterAll(() => plane?.[Symbol.asyncDispose]())

const bench = chartBench(() => byApi(() => plane.kubeconfig))
const off = (name: string, more: Partial<Parameters<typeof removalPipeline>[1]> = {}) =>
  removalPipeline(
    'demo',
    {
      operation: 'platform-disable',
      components: [name],
      uninstall: true,
      cascade: 'background',
      namespace: null,
      unknown: [],
      ...more,
    },
    undefined,
  ).stages
const foundOf = async (name: string, more: Parameters<typeof off>[1] = {}) =>
  (await bench.planOf(off(name, more))).stages.flatMap(({ unmet }) => unmet)
const get = (...args: string[]) => plane.kubectl(['get', '--ignore-not-found', '--output=name', ...args]).trim()
const byHand = (...args: string[]) => helmByHand(plane, ...args)
const fileOf = (packed: Uint8Array): string => {
  const file = join(plane.folder, `by-hand-${process.hrtime.bigint()}.tgz`)
  writeFileSync(file, packed)
  return file
}

/** Nothing of it has to become ready. */
const idle = { values: { replicas: 0 } }
const settings = `
apiVersion: v1
kind: ConfigMap
metadata: { name: kept, annotations: { helm.sh/resource-policy: keep } }
data: { a: b }
`
const web = packedChart({ 'templates/web.yaml': deployment, 'templates/kept.yaml': settings, 'values.yaml': values })
const claim = (name: string, more = '') => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${name}${more} }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`

describe('a release', () => {
  it('stays as it is unless it is to go; then all goes that it does not keep, and the second time there is nothing to do', async () => {
    expect(await bench.apply(web, { name: 'gone', ...idle })).toMatchObject({ status: 'completed' })
    const before = get('secrets,deployments', '-n', 'gone')
    expect(await bench.toldOf(off('gone', { uninstall: false }))).toMatchObject({
      kind: 'skip',
      facts: { notes: ['release gone/gone of web 1.0.0 stays as it is, with all data'] },
    })
    expect(await bench.toldOf(off('gone'))).toEqual([
      'take out release gone/gone of web 1.0.0',
      'delete Deployment gone/gone',
    ])
    expect(get('secrets,deployments', '-n', 'gone')).toBe(before)
    const planned = await bench.planOf(off('gone'))
    expect(planned.stages[0]?.decision).toMatchObject({ facts: { notes: ['ConfigMap gone/kept stays'] } })
    expect(await bench.runOf(off('gone'))).toMatchObject({ status: 'completed' })
    expect(get('secrets,deployments', '-n', 'gone')).toBe('')
    expect(get('configmap', 'kept', '-n', 'gone')).toBe('configmap/kept')
    expect(await bench.toldOf(off('gone'))).toMatchObject({ kind: 'skip' })
    expect(await foundOf('gone', { unknown: ['gone'] })).toMatchObject([{ name: 'component-unknown' }])
  })

  it('that somebody else has made is left alone, and told', async () => {
    byHand('install', 'theirs', fileOf(web), '--namespace=theirs', '--create-namespace', '--set=replicas=0')
    expect(await bench.toldOf(off('theirs'))).toMatchObject({
      kind: 'skip',
      facts: { notes: ['release theirs/theirs of web 1.0.0, which Slipway has not made, stays'] },
    })
  })

  it('of which there are two is to be named by its namespace', async () => {
    for (const namespace of ['here', 'there'])
      expect(await bench.apply(web, { name: 'moved', namespace, ...idle })).toMatchObject({ status: 'completed' })
    expect(await foundOf('moved')).toMatchObject([
      { name: 'release-ambiguous', remedy: expect.stringContaining('here') },
    ])
    expect(await bench.runOf(off('moved', { namespace: 'here' }))).toMatchObject({ status: 'completed' })
    expect(get('deployment', '-n', 'here')).toBe('')
    expect(get('deployment', '-n', 'there')).toBe('deployment.apps/moved')
  })

  it('that never came about is taken out as well', async () => {
    const failing = packedChart({
      'templates/a.yaml': settings.replace('kept', 'made').replace(/, annotations[^}]*}/, ''),
      'templates/hook.yaml': failingHook,
    })
    expect(await bench.apply(failing, { name: 'failed' })).toMatchObject({ status: 'failed' })
    expect(await bench.runOf(off('failed'))).toMatchObject({ status: 'completed' })
    expect(get('secrets', '-n', 'failed')).toBe('')
  })

  const hook = (when: string) => `
apiVersion: batch/v1
kind: Job
metadata: { name: never, annotations: { helm.sh/hook: ${when} } }
spec: { template: { spec: { restartPolicy: Never, nodeSelector: { a: b }, containers: [{ name: a, image: a }] } } }
`
  it('whose Helm was killed in the middle is taken out to its end, or brought back whole', async () => {
    const waiting = packedChart({
      'templates/hook.yaml': hook('post-delete'),
      'templates/web.yaml': deployment,
      'values.yaml': values,
    })
    const cut = async (name: string) => {
      expect(await bench.apply(waiting, { name, ...idle })).toMatchObject({ status: 'completed' })
      const child = spawn(helm.path, ['uninstall', name, `--namespace=${name}`], {
        env: helmEnvironment(plane),
        stdio: 'ignore',
      })
      await until('the hook is there', async () => get('job', 'never', '-n', name) !== '')
      child.kill('SIGKILL')
      await once(child, 'exit')
      plane.kubectl(['delete', 'job', 'never', '-n', name])
    }
    await cut('cut')
    expect(await bench.toldOf(off('cut'))).toEqual([
      'take out release cut/cut of web 1.0.0, whose removal was broken off',
    ])
    await cut('back')
    expect(await bench.apply(web, { name: 'back', ...idle })).toMatchObject({ status: 'completed' })
    expect(get('deployment', '-n', 'back')).toBe('deployment.apps/back')
    expect(await bench.told(web, { name: 'back', ...idle })).toMatchObject({ kind: 'skip' })
  })
})

describe('in the way of a removal', () => {
  it('a volume or a namespace that would go is', async () => {
    const inside = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: inside }\n'
    const chart = packedChart({ 'templates/a.yaml': claim('data'), 'templates/b.yaml': inside })
    expect(await bench.apply(chart, { name: 'data' })).toMatchObject({ status: 'completed' })
    const found = await foundOf('data')
    expect(found).toMatchObject([{ name: 'volumes-would-go' }])
    expect(found[0]?.message).toContain('PersistentVolumeClaim data/data')
    expect(found[0]?.message).toContain('Namespace inside')
  })

  it('a volume that belongs to what goes is, and one of a StatefulSet that takes it with it; others stay, and are told', async () => {
    const set = (whenDeleted: string) => `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  replicas: 0
  serviceName: db
  persistentVolumeClaimRetentionPolicy: { whenDeleted: ${whenDeleted}, whenScaled: Retain }
  selector: { matchLabels: { app: db } }
  template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: a, image: a }] } }
  volumeClaimTemplates:
    - ${JSON.stringify({ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })}
`
    const chartOf = (policy: string) => packedChart({ 'templates/db.yaml': set(policy) })
    byHand(
      'install',
      'sets',
      fileOf(chartOf('Retain')),
      '-n',
      'sets',
      '--create-namespace',
      '--labels=slipway/installation=of-this-test',
    )
    plane.kubectl(['create', '-n', 'sets', '-f', '-'], claim('data-db-0'))
    const planned = await bench.planOf(off('sets'))
    expect(planned.stages[0]?.unmet).toEqual([])
    expect(planned.stages[0]?.decision).toMatchObject({
      facts: { notes: ['PersistentVolumeClaim sets/data-db-0 stays'] },
    })

    byHand('upgrade', 'sets', fileOf(chartOf('Delete')), '-n', 'sets')
    expect(await foundOf('sets')).toMatchObject([
      {
        name: 'volumes-would-go',
        message: expect.stringContaining('sets/data-db-0, which StatefulSet sets/db takes with it'),
      },
    ])
    byHand('upgrade', 'sets', fileOf(chartOf('Retain')), '-n', 'sets')
    const uid = plane.kubectl(['get', 'statefulset', 'db', '-n', 'sets', '-o', 'jsonpath={.metadata.uid}'])
    const owned = { metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid }] } }
    plane.kubectl(['patch', 'pvc', 'data-db-0', '-n', 'sets', '--type=merge', `--patch=${JSON.stringify(owned)}`])
    expect(await foundOf('sets')).toMatchObject([
      { name: 'volumes-would-go', message: expect.stringContaining('which belongs to StatefulSet sets/db') },
    ])
  })

  it('a password is, until it is accepted; a certificate is not', async () => {
    const secret = (name: string, type: string, data: object) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type, data })
    const chart = packedChart({
      'templates/a.yaml': secret('password', 'Opaque', { password: 'aGk=' }),
      'templates/b.yaml': secret('certificate', 'kubernetes.io/tls', { 'tls.crt': '', 'tls.key': '' }),
    })
    expect(await bench.apply(chart, { name: 'keys' })).toMatchObject({ status: 'completed' })
    const found = await foundOf('keys')
    expect(found).toMatchObject([{ name: 'secrets-would-go', severity: 'warning' }])
    expect(found[0]?.message).toContain('Secret keys/password;')
    expect(found[0]?.message).not.toContain('certificate')
  })

  const definition = (group: string, annotations: object = {}) =>
    JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}`, annotations },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    })
  const thing = (group: string) =>
    JSON.stringify({ apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'one', namespace: 'default' } })

  it('objects of its kinds are, wherever it has their definition; those definitions stay that it keeps', async () => {
    const groups = ['a.test', 'b.test', 'c.test']
    const chart = packedChart({
      'templates/a.yaml': definition('a.test'),
      'templates/b.yaml': definition('b.test', { 'helm.sh/resource-policy': 'keep' }),
      'crds/c.yaml': definition('c.test'),
    })
    expect(await bench.apply(chart, { name: 'things' })).toMatchObject({ status: 'completed' })
    for (const group of groups) {
      plane.kubectl(['wait', '--for=condition=Established', 'crd', `things.${group}`])
      plane.kubectl(['create', '-f', '-'], thing(group))
    }
    const found = await foundOf('things')
    expect(found).toMatchObject([{ name: 'custom-resources-remain' }])
    for (const group of groups) expect(found[0]?.message).toContain(`things.${group}: Thing default/one`)
    for (const group of groups) plane.kubectl(['delete', `things.${group}`, 'one', '-n', 'default'])
    expect(await bench.runOf(off('things'))).toMatchObject({ status: 'completed' })
    expect(get('crd')).toBe(
      ['b', 'c'].map(group => `customresourcedefinition.apiextensions.k8s.io/things.${group}.test`).join('\n'),
    )
  })
})
