import { expect, it } from 'vitest'
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
  const remove: Removal = { nodes, delete_emptydir_data: true, delete_unmanaged: false, timeout_s: 60 }
  return applyPipeline({ cluster: 'demo', desired, recorded, accepted, remove })
}

it('each one is drained and leaves before the next one is begun, and after all that stays was applied', () => {
  const stages = removing(['w2', 'w1']).stages
  const own = stages.slice(-4)
  expect(own.map(({ key }) => key)).toEqual(['cluster/drain:w2', 'rke2/leave:w2', 'cluster/drain:w1', 'rke2/leave:w1'])
  expect(own.map(({ needs }) => needs)).toEqual([
    stages.slice(0, -4).map(({ key }) => ({ stage: key, until: 'settled' })),
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

it('the first server stays', () => {
  const { stages, findings } = removing(['m1'])
  expect(stages.filter(({ key }) => key.endsWith(':m1'))).toEqual([])
  expect(findings).toMatchObject([{ name: 'first-server-stays', severity: 'error', about: 'node m1' }])
})

it('before there is a cluster a machine is only cleaned: nobody could drain it, or know it', () => {
  const remove: Removal = { nodes: ['w1', 'm2'], delete_emptydir_data: false, delete_unmanaged: false, timeout_s: 60 }
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
