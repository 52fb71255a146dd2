import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LabChartName, labChart } from '../../lab/operators/charts.ts'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import { at, list, record } from '../../lab/rke2/json.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { helm } from '../platform/packedChart.ts'
import { until } from '../until.ts'
import { grafana, openSearchCluster, postgresCluster, vmCluster, vmSingle } from './operatorResources.ts'

/** What stands for operators, on a real API server: their charts by the real Helm, and what becomes of their resources. */

let plane: ControlPlane
let operators: LabOperators
const errors: unknown[] = []
const start = async () => {
  operators = await startOperators({ kubeconfig: plane.kubeconfig, onError: error => errors.push(error) })
}
const charts: readonly (readonly [name: LabChartName, image: string])[] = [
  ['pgo', 'registry.developers.crunchydata.com/crunchydata/postgres-operator:ubi9-6.0.3-0'],
  ['victoria-metrics-operator', 'victoriametrics/operator:v0.74.1'],
  ['opensearch-operator', 'opensearchproject/opensearch-operator:2.8.0'],
  ['grafana-operator', 'ghcr.io/grafana/grafana-operator:v5.24.0'],
  ['fluent-operator', 'ghcr.io/fluent/fluent-operator/fluent-operator:3.10.0'],
  ['kube-state-metrics', 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.20.0'],
]

beforeAll(async () => {
  plane = await startControlPlane('controllers', 'daemonsets', 'scheduler', 'kwok')
  create(
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1' }, status: { allocatable: { pods: '200' } } },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast' },
      provisioner: 'lab.slipway/volumes',
      allowVolumeExpansion: true,
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  )
  await Promise.all([start(), ...charts.map(([name]) => install(name))])
}, 60_000)
afterAll(async () => {
  await operators?.[Symbol.asyncDispose]()
  await plane?.[Symbol.asyncDispose]()
  expect(errors).toEqual([])
})
beforeEach(() => operators.behave({}))

const create = (...items: object[]) =>
  plane.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
const kubeconfig = () => join(plane.folder, 'kubeconfig')

async function install(name: LabChartName) {
  const file = join(plane.folder, `${name}.tgz`)
  writeFileSync(file, labChart(name))
  await promisify(execFile)(helm.path, ['install', name, file, '--namespace=operators', '--create-namespace'], {
    env: { ...process.env, KUBECONFIG: kubeconfig() },
  })
}
/** A part of what kubectl gets, by its path; undefined where there is none. */
const read = (what: string, ...path: string[]): unknown => {
  const text = plane.kubectl(['get', ...what.split(' '), '--ignore-not-found', '--output=json'])
  return text === '' ? undefined : at(JSON.parse(text), ...path)
}
const names = (what: string) =>
  plane
    .kubectl(['get', ...what.split(' '), '--output=name'])
    .trim()
    .split('\n')
/** Waits until a part of an object is this, by its path. */
const becomes = (what: string, path: string, wanted: unknown) =>
  until(`${path} of ${what} is ${JSON.stringify(wanted)}`, () =>
    isDeepStrictEqual(read(what, ...path.split('.')), wanted),
  )
const instances = (replicas: number) => [{ name: '00', replicas, readyReplicas: replicas, updatedReplicas: replicas }]
const objects = 'statefulsets,deployments,services,secrets,persistentvolumeclaims,pods'

describe('the charts', () => {
  it('are installed by Helm, each with its definitions, and a Deployment whose image tells the version', () => {
    const own = plane.kubectl([
      'get',
      'deployments',
      '--namespace=operators',
      '--output=jsonpath={range .items[*]}{.spec.template.spec.containers[-1:].image}{"\\n"}{end}',
    ])
    expect(own.trim().split('\n').toSorted()).toEqual(charts.map(([, image]) => image).toSorted())
    expect(names('customresourcedefinitions')).toHaveLength(3 + 9 + 5 + 6 + 8)
    plane.kubectl(['wait', '--for=condition=Available', 'deployments', '--all', '--namespace=operators'])
  })
})

describe('a resource', () => {
  it('of each kind becomes ready, in the words of its operator, with what the real one would make', async () => {
    create(postgresCluster('db', { replicas: 2 }), vmCluster('vm'), vmSingle('one'), openSearchCluster('logs'))
    create(grafana('ui'))
    await becomes('postgrescluster db', 'status.instances', instances(2))
    await becomes('postgrescluster db', 'status.observedGeneration', 1)
    await becomes('vmcluster vm', 'status.updateStatus', 'operational')
    await becomes('vmsingle one', 'status.updateStatus', 'operational')
    await becomes('opensearchcluster logs', 'status.health', 'green')
    await becomes('grafana ui', 'status.stage', 'complete')
    await becomes('grafana ui', 'status.stageStatus', 'success')
    await becomes('daemonset fluent-bit --namespace=operators', 'status.numberReady', 1)

    expect(read('opensearchcluster logs', 'status')).toMatchObject({ phase: 'RUNNING', availableNodes: 2 })
    expect(read('grafana ui', 'spec', 'version')).toBe('13.1.3')
    expect(Object.keys(record(read('secret db-pguser-shop', 'data'))).toSorted()).toEqual([
      'dbname',
      'host',
      'jdbc-uri',
      'password',
      'port',
      'uri',
      'user',
      'verifier',
    ])
    expect(Object.keys(record(read('secret ui-admin-credentials', 'data')))).toHaveLength(2)
    const claims = list(read('persistentvolumeclaims', 'items'))
    expect(claims.map(claim => [at(claim, 'spec', 'storageClassName'), at(claim, 'status', 'phase')])).toEqual(
      Array.from({ length: 2 + 1 + 1 + 2 }, () => ['fast', 'Bound']),
    )
    const selected = (selector: string) => names(`pods --selector=${selector}`).length
    expect(selected('postgres-operator.crunchydata.com/cluster=db,postgres-operator.crunchydata.com/role=master')).toBe(
      1,
    )
    expect(selected('app.kubernetes.io/instance=vm,managed-by=vm-operator')).toBe(3)
    expect(selected('opster.io/opensearch-cluster=logs')).toBe(2)
  })

  it('is left as it is by operators that are ended and begin anew', async () => {
    const versions = () =>
      list(read(`${objects},postgresclusters,vmclusters,grafanas`, 'items')).map(object =>
        ['kind', 'metadata.name', 'metadata.resourceVersion'].map(path => at(object, ...path.split('.'))).join(' '),
      )
    // What is written last of all of them.
    await until(
      'the users of the database are made',
      () => read('postgrescluster db', 'status', 'usersRevision') !== undefined,
    )
    const before = versions()
    await operators[Symbol.asyncDispose]()
    await start()
    create(vmSingle('after'))
    await becomes('vmsingle after', 'status.updateStatus', 'operational')
    expect(versions()).toEqual(expect.arrayContaining(before))
  })

  it('that is changed follows: PGO counts the former pods first, and calls that the new generation', async () => {
    operators.behave({ 'PostgresCluster default/db': { delay: 1000 }, VMCluster: { delay: 500 } })
    create(postgresCluster('db', { replicas: 3, size: '2Gi' }), vmCluster('vm', 2))
    await becomes('postgrescluster db', 'status.observedGeneration', 2)
    expect(read('postgrescluster db', 'status', 'instances')).toEqual(instances(2))
    await becomes('postgrescluster db', 'status.instances', instances(3))
    await becomes('vmcluster vm', 'status.updateStatus', 'operational')
    expect(read('vmcluster vm', 'status', 'observedGeneration')).toBe(2)
    expect(read('statefulset vmstorage-vm', 'status', 'readyReplicas')).toBe(2)
    expect(names('pods --selector=app.kubernetes.io/instance=vm')).toHaveLength(6)
    await until('the volumes have grown', () =>
      list(read('persistentvolumeclaims --selector=postgres-operator.crunchydata.com/cluster=db', 'items')).every(
        claim => at(claim, 'status', 'capacity', 'storage') === '2Gi',
      ),
    )
  })

  it('that is deleted goes, and owns what goes with it: the volumes of PGO, and none of the others', async () => {
    const owners = (selector: string) =>
      list(read(`persistentvolumeclaims${selector}`, 'items')).flatMap(claim => [
        at(claim, 'metadata', 'name'),
        ...list(at(claim, 'metadata', 'ownerReferences')).map(owner => at(owner, 'kind')),
      ])
    const deleted = ['postgrescluster/db', 'vmcluster/vm', 'vmsingle/one', 'opensearchcluster/logs', 'grafana/ui']
    expect(owners(' --selector=!postgres-operator.crunchydata.com/cluster')).toEqual([
      'data-logs-nodes-0',
      'data-logs-nodes-1',
      'vmsingle-after',
      'vmsingle-one',
      'vmstorage-db-vmstorage-vm-0',
      'vmstorage-db-vmstorage-vm-1',
    ])
    expect(
      owners(' --selector=postgres-operator.crunchydata.com/cluster=db').filter(name => name === 'PostgresCluster'),
    ).toHaveLength(3)
    plane.kubectl(['delete', '--wait=false', ...deleted])
    await until('they are gone', () => deleted.every(what => read(what) === undefined))
  })

  it('is looked after only while the Deployment of its operator has a pod', async () => {
    const scale = (replicas: number) =>
      plane.kubectl(['scale', 'deployment', 'pgo', '--namespace=operators', `--replicas=${replicas}`])
    scale(0)
    await becomes('deployment pgo --namespace=operators', 'status.availableReplicas', undefined)
    create(postgresCluster('alone'), vmCluster('beside'))
    await becomes('vmcluster beside', 'status.updateStatus', 'operational')
    expect(read('postgrescluster alone', 'status')).toBeUndefined()
    scale(1)
    await becomes('postgrescluster alone', 'status.instances', instances(1))
  })
})

it('an API server that goes away for a while is waited for', async () => {
  await plane.restartServer()
  create(vmSingle('again'))
  await becomes('vmsingle again', 'status.updateStatus', 'operational')
})

describe('on demand', () => {
  it('a status is of the generation before although all is well', async () => {
    operators.behave({ PostgresCluster: { order: 'stale-generation' } })
    create(postgresCluster('stale'))
    await becomes('postgrescluster stale', 'status.instances', instances(1))
    expect(read('postgrescluster stale', 'status', 'observedGeneration')).toBe(0)
    operators.behave({})
    await becomes('postgrescluster stale', 'status.observedGeneration', 1)
  })

  it('all is said to be well before anything is there', async () => {
    operators.behave({ PostgresCluster: { order: 'ready-first', delay: 1500 } })
    create(postgresCluster('early'))
    await becomes('postgrescluster early', 'status.instances', instances(1))
    expect(names(objects).filter(name => name.includes('early'))).toEqual([])
    await until('it is there', () => names(objects).some(name => name.endsWith('early-pguser-shop')))
  })

  it('what is well is not so once more', async () => {
    operators.behave({ VMSingle: { order: 'flap', delay: 1000 } })
    create(vmSingle('flaps'))
    await becomes('vmsingle flaps', 'status.updateStatus', 'operational')
    await becomes('vmsingle flaps', 'status.updateStatus', 'expanding')
    await becomes('vmsingle flaps', 'status.updateStatus', 'operational')
  })

  it('everything is made and nothing said', async () => {
    operators.behave({ VMSingle: { order: 'no-status' } })
    create(vmSingle('silent'))
    await becomes('deployment vmsingle-silent', 'status.readyReplicas', 1)
    expect(read('vmsingle silent', 'status')).toBeUndefined()
  })

  it('an operator fails with a reason, in its status where it has a place for it and in an event, until it no longer does', async () => {
    const fail = 'the disk is full'
    operators.behave({ '*': { fail } })
    create(vmSingle('fails'), postgresCluster('fails'), openSearchCluster('fails'))
    await becomes('vmsingle fails', 'status.updateStatus', 'failed')
    expect(read('vmsingle fails', 'status', 'reason')).toBe(fail)
    await becomes('opensearchcluster fails', 'status.health', 'red')
    const event = 'events --field-selector=involvedObject.kind=PostgresCluster,involvedObject.name=fails'
    await until('an event tells of it', () => at(list(read(event, 'items'))[0], 'message') === fail)
    operators.behave({})
    await becomes('vmsingle fails', 'status.updateStatus', 'operational')
    await becomes('postgrescluster fails', 'status.instances', instances(1))
  })
})

describe('the process', () => {
  it('does the same, by rules in a file, and ends clean', async () => {
    await operators[Symbol.asyncDispose]()
    const rules = join(plane.folder, 'rules.json')
    writeFileSync(rules, '{ "VMSingle": { "fail": "by the file" } }')
    const run = join(import.meta.dirname, '../../lab/operators/run.ts')
    const child = spawn(process.execPath, [run, `--kubeconfig=${kubeconfig()}`, `--rules=${rules}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    create(vmSingle('late'))
    await becomes('vmsingle late', 'status.reason', 'by the file')
    writeFileSync(rules, '{}')
    await becomes('vmsingle late', 'status.updateStatus', 'operational')
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
    await start()
  })
})
