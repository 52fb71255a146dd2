import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HostFacts } from '../../../hosts/facts.ts'
import { etcdMember, etcdOf, knownEtcd, machineFacts, serverFacts } from '../machineFacts.fixture.ts'
import { argumentsOfStage, stageBench } from '../stageBench.fixture.ts'
import { join } from './join.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const stage = argumentsOfStage('rke2/join:m2', 3, 0)
const first = serverFacts('m1', 'm2')
const second = serverFacts('m2', 'm1')
const says = (facts: HostFacts, etcd: NonNullable<HostFacts['cluster']>['etcd']): HostFacts => ({
  ...facts,
  cluster: { ready: true, error: null, nodes: [], etcd },
})

const end = async (hosts: Readonly<Record<string, HostFacts | (() => HostFacts)>>, bootstrap = {}) => {
  const bench = stageBench({
    observe: hostname => {
      const answer = hosts[hostname] ?? machineFacts({ hostname })
      return typeof answer === 'function' ? answer() : answer
    },
    bootstrap,
  })
  const ended = join(stage, bench.session).waitForReady(bench.attempt)
  ended.catch(() => {})
  await vi.advanceTimersByTimeAsync(30_000)
  return ended
}

describe('a server that has joined', () => {
  it('is taken into use when another one has it in its list, as soon as it has', async () => {
    await end({ m1: first, m2: second })
    let looks = 0
    await end({ m1: () => (++looks < 3 ? serverFacts('m1') : first), m2: second })
    expect(looks).toBe(3)
  })

  it('is taken into use by its own word where nobody else can be asked', async () => {
    await end({ m2: second })
  })

  it.each([
    ['another CA', { m1: first, m2: { ...second, data: { ...second.data, ca_hash: 'f'.repeat(64) } } }, 'its CA is'],
    ['no CA', { m1: first, m2: { ...second, data: { ...second.data, ca_hash: null } } }, 'holds no CA'],
    [
      'another etcd under the same CA',
      { m1: first, m2: says(second, { ...etcdOf('m2'), cluster_id: 'bad' }) },
      `its etcd cluster is bad, recorded is ${knownEtcd}`,
    ],
    ['an etcd by itself under the same id', { m1: serverFacts('m1'), m2: serverFacts('m2') }, 'm1 has the members m1-'],
    ['nobody beside it, and nobody to ask', { m2: serverFacts('m2') }, 'the only member'],
    [
      'the others’ list as a learner only',
      {
        m1: says(first, { ...etcdOf('m1'), members: [etcdMember('m1'), { ...etcdMember('m2'), learner: true }] }),
        m2: second,
      },
      'and not m2',
    ],
  ])('is refused with %s', async (_name, hosts, message) => {
    await expect(end(hosts)).rejects.toMatchObject({
      code: expect.stringMatching(/wrong-cluster|service-failed/),
      message: expect.stringContaining(message),
    })
  })

  it('is compared with another server where the record has no id of etcd', async () => {
    const other = { m1: first, m2: says(second, { ...etcdOf('m2'), cluster_id: 'bad' }) }
    await expect(end(other, { etcd_cluster: null })).rejects.toMatchObject({ code: 'wrong-cluster' })
  })

  it('is not proven by a server that is of another cluster itself', async () => {
    const foreign = { ...first, data: { ...first.data, ca_hash: 'f'.repeat(64) } }
    await expect(end({ m1: foreign, m2: serverFacts('m2') })).rejects.toMatchObject({ code: 'wrong-cluster' })
  })
})
