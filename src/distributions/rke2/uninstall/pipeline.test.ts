import { expect, it } from 'vitest'
import type { RecordedNode } from '../../../domain/recordedCluster.ts'
import { rke2Spec } from '../spec/spec.ts'
import { uninstallPipeline } from './pipeline.ts'

const node = (hostname: string, role: RecordedNode['role'], over: Partial<RecordedNode> = {}): RecordedNode => ({
  hostname,
  role,
  internal_ip: `10.0.${hostname.startsWith('m') ? 1 : 2}.${hostname.slice(1)}`,
  status: 'active',
  wanted: true,
  installed_version: 'v1.34.1+rke2r1',
  behind: null,
  ...over,
})
const workers = Array.from({ length: 60 }, (_, index) => node(`w${index + 1}`, 'worker'))
const pipeline = (nodes: readonly RecordedNode[]) =>
  uninstallPipeline({
    cluster: 'demo',
    desired: rke2Spec.parse({
      distribution: 'rke2',
      version: 'v1.34.1+rke2r1',
      nodes: nodes
        .filter(({ wanted }) => wanted)
        .map(({ hostname, role, internal_ip }) => ({ hostname, role, internal_ip })),
    }),
    recorded: { formed: true, installation_stage: 'completed', cluster_vars: {}, nodes },
    accepted: ['data-loss'],
    keep_snapshots: false,
  }).stages
const hostsOf = (stage: ReturnType<typeof pipeline>[number]) =>
  JSON.parse(JSON.stringify(stage.arguments)).nodes.map(({ hostname }: { hostname: string }) => hostname)

it('the agents go in batches beside each other, then the servers, the first one last, and then the record', () => {
  const servers = [node('m1', 'initial_master'), node('m2', 'master'), node('m3', 'master')]
  const stages = pipeline([...servers, ...workers])
  expect(stages.map(({ key }) => key)).toEqual([
    'rke2/uninstall:w1',
    'rke2/uninstall:w51',
    'rke2/uninstall:m2',
    'rke2/uninstall:m1',
    'rke2/forget',
  ])
  const keys = stages.map(({ key }) => ({ stage: key }))
  expect(stages.map(({ needs }) => needs)).toEqual([[], [], keys.slice(0, 2), keys.slice(0, 3), keys.slice(0, 4)])
  expect(stages.slice(0, 4).flatMap(hostsOf).toSorted()).toEqual(
    [...servers, ...workers].map(({ hostname }) => hostname).toSorted(),
  )
  expect(hostsOf(stages[2] ?? stages[0]!)).toEqual(['m2', 'm3'])
})

it('also what is desired no more, and what was never installed, goes', () => {
  const stages = pipeline([
    node('m1', 'initial_master'),
    node('w1', 'worker', { wanted: false }),
    node('w2', 'worker', { status: 'pending', installed_version: null }),
  ])
  expect(hostsOf(stages[0]!)).toEqual(['w1', 'w2'])
})
