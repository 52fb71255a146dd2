import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LabChartName, labChart } from '../../lab/operators/charts.ts'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import { at } from '../../lab/rke2/json.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { helm } from '../platform/packedChart.ts'
import { until } from '../until.ts'

/** What stands for operators, on a real API server: their charts by the real Helm, and what becomes of their resources. */

let plane: ControlPlane
let operators: LabOperators
const errors: unknown[] = []
beforeAll(async () => {
  plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  create(
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'w1' },
      status: { allocatable: { pods: '200', cpu: '8', memory: '16Gi' } },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'fast' },
      provisioner: 'lab.slipway/volumes',
      allowVolumeExpansion: true,
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  )
  operators = await startOperators({ kubeconfig: plane.kubeconfig, onError: error => errors.push(error) })
}, 60_000)
afterAll(async () => {
  await operators?.[Symbol.asyncDispose]()
  await plane?.[Symbol.asyncDispose]()
  expect(errors).toEqual([])
})

const create = (...items: object[]) =>
  plane.kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))

function install(name: LabChartName, namespace: string, ...args: string[]) {
  const file = join(plane.folder, `${name}.tgz`)
  writeFileSync(file, labChart(name))
  execFileSync(helm.path, ['install', name, file, `--namespace=${namespace}`, '--create-namespace', ...args], {
    env: { ...process.env, KUBECONFIG: join(plane.folder, 'kubeconfig') },
    stdio: 'pipe',
  })
}
/** A part of an object, by its path. */
const read = (kind: string, name: string, ...path: string[]): unknown =>
  at(JSON.parse(plane.kubectl(['get', kind, name, '--output=json'])), ...path)

describe('PGO', () => {
  it('makes a cluster', async () => {
    install('pgo', 'pgo')
    create({
      apiVersion: 'postgres-operator.crunchydata.com/v1beta1',
      kind: 'PostgresCluster',
      metadata: { name: 'db', namespace: 'default' },
      spec: {
        postgresVersion: 17,
        users: [{ name: 'shop', databases: ['shop'] }],
        instances: [
          {
            replicas: 2,
            dataVolumeClaimSpec: {
              storageClassName: 'fast',
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: '1Gi' } },
            },
          },
        ],
      },
    })
    const ready = { name: '00', replicas: 2, readyReplicas: 2, updatedReplicas: 2 }
    await until('it is ready', () => isDeepStrictEqual(read('postgrescluster', 'db', 'status', 'instances'), [ready]))
    expect(read('secret', 'db-pguser-shop', 'data')).toHaveProperty('password')
  })
})
