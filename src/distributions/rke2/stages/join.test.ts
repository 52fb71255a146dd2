import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SlipwayError } from '../../../domain/errors.ts'
import type { HostFacts } from '../host/facts.ts'
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

const off = (): never => {
  throw new SlipwayError('host-unreachable', 'off')
}

const end = async (
  hosts: Readonly<Record<string, HostFacts | (() => HostFacts)>>,
  bootstrap = {},
  accepted: readonly string[] = [],
) => {
  const bench = stageBench({
    observe: hostname => {
      const answer = hosts[hostname] ?? machineFacts({ hostname })
      return typeof answer === 'function' ? answer() : answer
    },
    bootstrap,
  })
  const ended = join({ ...stage, accepted: [...accepted] }, bench.session).waitForReady(bench.attempt)
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
    [
      'nobody beside it, and a server that cannot be asked',
      { m1: off, m2: serverFacts('m2') },
      'm1 could not be asked',
    ],
    [
      'nobody beside it, and data on a server that is stopped',
      { m1: { ...first, cluster: null }, m2: serverFacts('m2') },
      'the only member of its etcd, and m1 may hold the cluster',
    ],
    [
      'nobody beside it, and another cluster on record that answers',
      { m1: { ...first, data: { ...first.data, ca_hash: 'f'.repeat(64) } }, m2: serverFacts('m2'), m3: off },
      'm3 could not be asked; m1 may hold the cluster',
    ],
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

describe('a server that is alone in its etcd', () => {
  it.each([
    ['the others hold no data', {}, []],
    ['those that are off are left out by name', { m1: off, m3: off }, ['unreachable:m1', 'unreachable:m3']],
    ['one is left out, and one holds no data', { m1: off }, ['unreachable:m1']],
  ])('is taken into use where %s', async (_name, others, accepted) => {
    await expect(end({ ...others, m2: serverFacts('m2') }, {}, accepted)).resolves.toBeUndefined()
  })

  it('is told to ask or to clear the others, never to be uninstalled', async () => {
    const ended = end({ m1: { ...first, cluster: null }, m2: serverFacts('m2'), m3: off })
    await expect(ended).rejects.toMatchObject({
      remedy:
        'Bring back m3, or leave out what is lost: --accept unreachable:m3. Start rke2-server on m1; or, if its data is of no use any more, delete it there, as root: /usr/local/bin/rke2-killall.sh; rm -r /var/lib/rancher/rke2/server/db. Then apply again.',
    })
  })
})

describe('a witness that falls silent', () => {
  const once = (then: () => HostFacts) => {
    let looks = 0
    return () => (++looks === 1 ? serverFacts('m1') : then())
  }
  const second3 = serverFacts('m2', 'm1', 'm3')

  it.each([
    ['cannot be reached', once(off)],
    ['does not answer for its etcd', once(() => ({ ...first, cluster: null }))],
    ['has lost its data', once(() => machineFacts({ hostname: 'm1' }))],
  ])('and %s leaves the word to the next one', async (_name, m1) => {
    await expect(end({ m1, m2: second3, m3: serverFacts('m3', 'm1', 'm2') })).resolves.toBeUndefined()
  })

  it('proves nothing where nobody else can be asked, nor that the member is a stranger', async () => {
    await expect(end({ m1: once(off), m2: second3, m3: off })).rejects.toMatchObject({
      code: 'service-failed',
      message: expect.stringContaining('nobody could be asked whether it is a member: m1 answered at first'),
    })
  })
})
