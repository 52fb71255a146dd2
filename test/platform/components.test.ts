import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { labChart } from '../../lab/operators/charts.ts'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { byApi } from './byApi.ts'
import { makeRoom } from './fullPlatform.ts'
import { platformBench } from './platformBench.ts'

/** Components on a real API server, by the real Helm, with what stands for operators. */

let plane: ControlPlane
let operators: LabOperators
beforeAll(async () => {
  plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  makeRoom(plane)
  operators = await startOperators({ kubeconfig: plane.kubeconfig })
}, 60_000)
afterAll(async () => {
  await operators?.[Symbol.asyncDispose]()
  await plane?.[Symbol.asyncDispose]()
})

const bench = platformBench(() => byApi(() => plane.kubeconfig))
const pgo = labChart('pgo').toString('base64')
const over = (platform: PlatformSpec) => bench(platform, () => pgo)
const claims = () =>
  plane.kubectl(['get', 'pvc', '-n', 'postgres', '-o', 'jsonpath={.items[*].spec.storageClassName}']).split(' ')
/** Of what nobody but Slipway changes any more: a status may still come. */
const versions = () => [
  plane.kubectl(['get', 'services,pvc,secrets', '-A', '--output=jsonpath={.items[*].metadata.resourceVersion}']),
  plane.kubectl(['get', 'deployments,postgresclusters', '-A', '--output=jsonpath={.items[*].metadata.generation}']),
]
const both = (postgres: Record<string, unknown> = {}): PlatformSpec => ({
  components: { 'operator-pgo': { chart: 'pgo.tgz' }, 'infra-postgres': postgres },
})

const cluster = 'postgres-operator.crunchydata.com/cluster'
const ready = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'

describe('infra-postgres', () => {
  it('brings the operator that it needs, is waited for, and the same again changes nothing', async () => {
    expect(await over(both()).told()).toEqual({
      'platform/prerequisites': ['create Namespace postgres-operator', 'create Namespace postgres'],
      'operator-pgo': [
        'bring the definition of pgadmins.postgres-operator.crunchydata.com',
        'bring the definition of pgupgrades.postgres-operator.crunchydata.com',
        'bring the definition of postgresclusters.postgres-operator.crunchydata.com',
        'install pgo 6.0.3 as postgres-operator/operator-pgo',
        'wait until its workloads are ready',
      ],
      'infra-postgres':
        'deferred: the API does not know PostgresCluster (postgres-operator.crunchydata.com/v1beta1) yet',
    })
    const { status, errors } = await over(both()).apply()
    expect({ status, errors }).toEqual({ status: 'completed', errors: [] })
    expect(claims()).toEqual(['fast', 'fast', 'fast'])
    const before = versions()
    expect(await over(both()).told()).toEqual({
      'platform/prerequisites': 'skip: all is there',
      'operator-pgo': 'skip: pgo 6.0.3 is installed and ready',
      'infra-postgres': 'skip: infra-postgres is as it is wanted, and ready',
    })
    expect(versions()).toEqual(before)
  })

  it('grows, does not shrink, and keeps its storage class and its passwords', async () => {
    const password = () =>
      plane.kubectl(['get', 'secret', 'postgres-pguser-app', '-n', 'postgres', '-o', 'jsonpath={.data.password}'])
    const before = password()
    const larger = over(both({ size: '20Gi', replicas: 3 }))
    expect((await larger.told())['infra-postgres']).toEqual([
      'PostgresCluster postgres/postgres: spec.instances[0].dataVolumeClaimSpec.resources.requests.storage: 10Gi → 20Gi',
      'PostgresCluster postgres/postgres: spec.instances[0].replicas: 2 → 3',
      'wait until it is ready',
    ])
    expect(await larger.apply()).toMatchObject({ status: 'completed' })
    expect(password()).toBe(before)
    expect((await over(both()).told())['infra-postgres']).toEqual([
      'volume-shrinks: its volumes have 20Gi, and are to have 10Gi',
    ])
    expect((await over({ ...both({ size: '20Gi' }), storage_class: 'other' }).told())['infra-postgres']).toEqual([
      'storage-class-unknown: there is no storage class other (spec.platform.storage_class): the cluster has fast',
    ])
  })
})

describe('what is not ready', () => {
  const named = (name: string, timeout_s?: number) =>
    over(both({ name, ...(timeout_s !== undefined && { timeout_s }) }))

  it('is waited for until its time is over, and what was seen last is told: a status of an earlier generation says nothing', async () => {
    operators.behave({ 'PostgresCluster postgres/stale': { order: 'stale-generation' } })
    const { status, errors } = await named('stale', 10).apply()
    expect(status).toBe('failed')
    expect(errors[0]).toMatchObject({
      code: 'workload-not-ready',
      message: 'PostgresCluster postgres/stale: not within 10 s: PGO has not seen it yet',
    })
    operators.behave({})
    await until('it is ready', async () => {
      const told = await named('stale').told()
      return told['infra-postgres'] === 'skip: infra-postgres is as it is wanted, and ready'
    })
  })

  it('is not taken for ready when its status comes before all else, is withdrawn once, or does not come', async () => {
    operators.behave({
      'PostgresCluster postgres/early': { order: 'ready-first', delay: 1500 },
      'PostgresCluster postgres/flaps': { order: 'flap', delay: 500 },
    })
    expect(await named('early').apply()).toMatchObject({ status: 'completed' })
    expect(plane.kubectl(['get', 'pods', '-n', 'postgres', '-l', `${cluster}=early`, '-o', ready])).toBe('True True')
    expect(await named('flaps').apply()).toMatchObject({ status: 'completed' })

    operators.behave({ 'PostgresCluster postgres/silent': { order: 'no-status' } })
    const { status, errors } = await named('silent', 10).apply()
    expect({ status, message: errors[0]?.message }).toEqual({
      status: 'failed',
      message: 'PostgresCluster postgres/silent: not within 10 s: PGO has not seen it yet',
    })
    operators.behave({})
  })
})

describe('a run that is stored with names of stages of earlier installers', () => {
  const stage = (kind: string, ...needs: string[]): StageRequest => ({
    kind,
    key: kind,
    title: kind,
    needs: needs.map(key => ({ stage: key })),
    arguments: { cluster: 'demo' },
  })
  const earlier = [
    stage('operators'),
    stage('wait_operators', 'operators'),
    stage('infrastructure', 'wait_operators'),
    stage('wait_infrastructure', 'infrastructure'),
    stage('applications', 'wait_infrastructure'),
  ]

  it('does what is left of the stages that are meant by them', async () => {
    const platform = both({ name: 'earlier' })
    const { status, statuses, errors } = await bench(platform, () => pgo, earlier).apply()
    expect({ status, errors }).toEqual({ status: 'completed', errors: [] })
    expect(statuses).toMatchObject({
      operators: 'skipped',
      infrastructure: 'completed',
      wait_infrastructure: 'skipped',
    })
    expect(await over(platform).told()).toMatchObject({
      'operator-pgo': 'skip: pgo 6.0.3 is installed and ready',
      'infra-postgres': 'skip: infra-postgres is as it is wanted, and ready',
    })
  })

  it('is refused where nobody knows a name, and does not begin anew', async () => {
    const unknown = [stage('operators'), stage('install_everything', 'operators')]
    await expect(bench(both(), () => pgo, unknown).plan()).rejects.toMatchObject({
      code: 'stage-unknown',
      message: 'stage install_everything: no stage is called install_everything',
    })
  })
})
