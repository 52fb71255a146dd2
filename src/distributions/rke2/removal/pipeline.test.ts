import { describe, expect, it } from 'vitest'
import type { Removal } from '../../../contract/operations.ts'
import type { RecordedNode } from '../../../domain/recordedCluster.ts'
import { applyPipeline } from '../install.ts'
import { rke2Spec } from '../spec/spec.ts'

const desired = rke2Spec.parse({
  distribution: 'rke2',
  version: 'v1.34.1+rke2r1',
  nodes: [
    { hostname: 'm1', internal_ip: '10.0.0.11', role: 'initial_master' },
    { hostname: 'w3', internal_ip: '10.0.0.23', role: 'worker' },
  ],
})
const node = (hostname: string, role: RecordedNode['role']): RecordedNode => ({
  hostname,
  role,
  internal_ip: `10.0.0.${20 + Number(hostname.slice(1))}`,
  status: 'active',
  wanted: false,
  installed_version: 'v1.34.1+rke2r1',
  behind: null,
})
const recorded = {
  formed: true,
  installation_stage: 'completed' as const,
  cluster_vars: {},
  nodes: [node('m1', 'initial_master'), node('w1', 'worker'), node('w2', 'worker'), node('m2', 'master')],
}
const removing = (nodes: readonly string[], accepted: readonly string[] = []) => {
  const remove: Removal = {
    nodes,
    returning: [],
    destroy_machines: false,
    delete_emptydir_data: true,
    delete_unmanaged: false,
    timeout_s: 60,
  }
  return applyPipeline({ cluster: 'demo', desired, recorded, accepted, remove })
}

it('each one is drained and leaves before the next one is begun, and after all that stays was applied', () => {
  const w3 = ['rke2/prepare:w3', 'rke2/workers:w3']
  const stages = removing(['w2', 'w1']).stages
  const own = stages.slice(-4)
  expect(own.map(({ key }) => key)).toEqual(['cluster/drain:w2', 'rke2/leave:w2', 'cluster/drain:w1', 'rke2/leave:w1'])
  expect(own.map(({ needs }) => needs)).toEqual([
    // Who has not joined yet may be to replace them.
    stages.slice(0, -4).map(({ key }) => (w3.includes(key) ? { stage: key } : { stage: key, until: 'settled' })),
    [{ stage: 'cluster/drain:w2' }],
    [{ stage: 'rke2/leave:w2' }],
    [{ stage: 'cluster/drain:w1' }],
  ])
})

it('is planned with the role and address on record, and with what may be lost', () => {
  const stages = removing(['w1'], ['unreachable:w1']).stages
  expect(stages.find(({ key }) => key === 'cluster/drain:w1')?.arguments).toEqual({
    cluster: 'demo',
    node: 'w1',
    leaves: true,
    may_be_lost: true,
    delete_emptydir_data: true,
    delete_unmanaged: false,
    timeout_s: 60,
  })
  expect(stages.find(({ key }) => key === 'rke2/leave:w1')?.arguments).toMatchObject({
    nodes: [{ hostname: 'w1', internal_ip: '10.0.0.21', role: 'worker' }],
    servers: [{ hostname: 'm1' }],
    accepted: ['unreachable:w1'],
  })
})

it('a server has a stage of its own', () => {
  expect(
    removing(['m2'])
      .stages.slice(-2)
      .map(({ key }) => key),
  ).toEqual(['cluster/drain:m2', 'rke2/leave-server:m2'])
})

describe('a server with a VIP', () => {
  const withVip = rke2Spec.parse({ ...desired, vip: { address: '10.0.0.100' } })
  const stagesFor = (nodes: readonly string[], accepted: readonly string[] = []) => {
    const remove: Removal = {
      nodes,
      returning: [],
      destroy_machines: false,
      delete_emptydir_data: true,
      delete_unmanaged: false,
      timeout_s: 60,
    }
    return applyPipeline({ cluster: 'demo', desired: withVip, recorded, accepted, remove }).stages.map(({ key }) => key)
  }

  it('gives it up before the others forget it, and while it still serves', () => {
    const keys = stagesFor(['m2', 'w1'])
    expect(keys[0]).toBe('rke2/give-up-vip:leaving')
    expect(keys.indexOf('rke2/vip')).toBeLessThan(keys.indexOf('cluster/drain:m2'))
  })

  it('has nothing to give up where it is lost, or is an agent', () => {
    expect(stagesFor(['m2'], ['unreachable:m2'])).not.toContain('rke2/give-up-vip:leaving')
    expect(stagesFor(['w1'])).not.toContain('rke2/give-up-vip:leaving')
  })
})

it('a file turns no member into the other role, also where its machine cannot tell', () => {
  const roles = (m2: RecordedNode['role'], status: RecordedNode['status'] = 'active') => {
    const spec = rke2Spec.parse({
      ...desired,
      nodes: [...desired.nodes, { hostname: 'm2', internal_ip: '10.0.0.22', role: m2 }],
    })
    const known = { ...node('m2', 'master'), status, ...(status === 'failed' && { installed_version: null }) }
    const record = { ...recorded, nodes: [node('m1', 'initial_master'), known] }
    const { findings } = applyPipeline({
      cluster: 'demo',
      desired: spec,
      recorded: record,
      accepted: ['unreachable:m2'],
      remove: null,
    })
    return findings.filter(({ name }) => name === 'role-differs').map(({ about, message }) => `${about}: ${message}`)
  }
  expect(roles('worker')).toEqual(['node m2: it is set up as rke2-server, the file says worker'])
  expect(roles('master')).toEqual([])
  // It never came to be one.
  expect(roles('worker', 'failed')).toEqual([])
})

describe('the first server', () => {
  const handedOver = rke2Spec.parse({
    ...desired,
    nodes: [
      { hostname: 'm2', internal_ip: '10.0.0.22', role: 'initial_master' },
      { hostname: 'm4', internal_ip: '10.0.0.24', role: 'master' },
      { hostname: 'w2', internal_ip: '10.0.0.22', role: 'worker' },
    ],
  })
  const eviction = { delete_emptydir_data: false, delete_unmanaged: false, timeout_s: 60 }
  const remove: Removal = { nodes: ['m1'], returning: [], destroy_machines: false, ...eviction }
  const stagesOf = (accepted: readonly string[]) =>
    applyPipeline({ cluster: 'demo', desired: handedOver, recorded, accepted, remove }).stages
  const keysOf = (stages: ReturnType<typeof stagesOf>) => stages.map(({ key }) => key)

  it('leaves when the servers that stay are as they should be, and who joins has joined', () => {
    const stages = stagesOf([])
    expect(keysOf(stages)).toEqual([
      'rke2/prepare',
      'rke2/prepare:w2',
      'rke2/initial-master',
      'rke2/join:m4',
      'rke2/finish',
      'rke2/workers:w2',
      'cluster/labels',
      'cluster/drain:m1',
      'rke2/leave-server:m1',
    ])
    const settled = ['rke2/prepare:w2', 'rke2/workers:w2', 'cluster/labels']
    expect(stages.at(-2)?.needs).toEqual(
      keysOf(stages.slice(0, -2)).map(key =>
        settled.includes(key) ? { stage: key, until: 'settled' } : { stage: key },
      ),
    )
    expect([stages[4], stages.at(-1)].map(stage => stage?.title)).toEqual([
      'Finalize m2, which takes the role of the first server over from m1, and fetch the kubeconfig',
      'Take m1 out of the cluster, in which m2 is the first server from now on',
    ])
  })

  it.each(['unreachable:m1', 'host-key-changed:m1'])('leaves before anybody joins where it is lost: %s', word => {
    const stages = stagesOf([word])
    const [drained, left, ...prepared] = stages
    expect([drained?.key, left?.key]).toEqual(['cluster/drain:m1', 'rke2/leave-server:m1'])
    expect(drained?.needs).toEqual([])
    expect(drained?.arguments).toMatchObject({ may_be_lost: true })
    const needs = prepared.slice(0, 2).map(stage => stage.needs)
    expect(needs).toEqual([[{ stage: 'rke2/leave-server:m1' }], [{ stage: 'rke2/leave-server:m1' }]])
  })

  it('leaves before it is prepared where it joins anew under its name, as a worker does', () => {
    const returning = rke2Spec.parse({
      ...handedOver,
      nodes: [
        { hostname: 'm1', internal_ip: '10.0.0.31', role: 'master' },
        { hostname: 'm2', internal_ip: '10.0.0.22', role: 'initial_master' },
        { hostname: 'w1', internal_ip: '10.0.0.32', role: 'worker' },
      ],
    })
    const again = { nodes: ['w1', 'm1'], returning: ['w1', 'm1'], destroy_machines: false, ...eviction }
    const stages = applyPipeline({ cluster: 'demo', desired: returning, recorded, accepted: [], remove: again }).stages
    expect(keysOf(stages)).toEqual([
      'cluster/drain:w1',
      'rke2/leave:w1',
      'cluster/drain:m1',
      'rke2/leave-server:m1',
      'rke2/prepare',
      'rke2/prepare:w1',
      'rke2/initial-master',
      'rke2/join:m1',
      'rke2/finish',
      'rke2/workers:w1',
      'cluster/labels',
    ])
    expect(stages[1]?.arguments).toMatchObject({ returns: true })
  })
})

it('before there is a cluster a machine is only cleaned: nobody could drain it, or know it', () => {
  const remove: Removal = {
    nodes: ['w1', 'm2'],
    returning: [],
    destroy_machines: false,
    delete_emptydir_data: false,
    delete_unmanaged: false,
    timeout_s: 60,
  }
  const { stages } = applyPipeline({
    cluster: 'demo',
    desired,
    recorded: { ...recorded, formed: false },
    accepted: [],
    remove,
  })
  expect(stages.slice(-2).map(({ key }) => key)).toEqual(['rke2/uninstall:w1', 'rke2/uninstall:m2'])
  expect(stages.at(-1)?.needs).toEqual([{ stage: 'rke2/uninstall:w1' }])
})
