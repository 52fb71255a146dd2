import { describe, expect, it } from 'vitest'
import type { HostFacts } from './host/facts.ts'
import { clusterOf, factsOf, knownCa, memberFacts, nodeOf, seenAs } from './seen.fixture.ts'
import { missingNodes, provenIdentity } from './verified.ts'

const cluster = clusterOf()

describe('the API', () => {
  it.each([
    ['all are there', [nodeOf('m1'), nodeOf('w1')], null],
    ['one is not there', [nodeOf('m1')], /^w1 is not there$/],
    ['one is not ready', [nodeOf('m1'), nodeOf('w1', 'v1.34.1', 'False')], /^w1 is not ready \(as told\)$/],
    ['nobody says whether it is ready', [nodeOf('m1'), nodeOf('w1', 'v1.34.1', 'Unknown')], /w1 is not ready/],
    ['one has another version', [nodeOf('m1', 'v1.33.0'), nodeOf('w1')], /^m1 runs v1\.33\.0 and not v1\.34\.1$/],
    ['another one is there as well', [nodeOf('m1'), nodeOf('w1'), nodeOf('w9')], null],
  ])('%s', (_what, nodes, expected) => {
    const missing = missingNodes(nodes, cluster)
    if (expected === null) expect(missing).toBeNull()
    else expect(missing).toMatch(expected)
  })
})

describe('etcd and the CA', () => {
  const member = (name: string, more: object = {}) => ({
    id: '1a',
    name,
    learner: false,
    peer_urls: [],
    healthy: true,
    ...more,
  })
  const told = (...members: object[]) => ({
    name: 'etcd1',
    data: true,
    told: { cluster_id: 'abc', member_id: '1a', members },
  })
  const usual = told(member('etcd1'))
  const [m1, w1] = cluster.nodes
  if (!m1 || !w1) throw new TypeError('the fixture has two nodes')
  const proven = (server: HostFacts, worker = memberFacts('w1')) =>
    provenIdentity([seenAs(m1, server), seenAs(w1, worker)], new Map([['m1', 'etcd1']]))

  it('that are as they should be say by what the cluster is known', () => {
    expect(proven(memberFacts('m1', usual))).toEqual({ ca_hash: knownCa, etcd_cluster: 'abc' })
  })

  it.each<[string, HostFacts, HostFacts | undefined, RegExp]>([
    [
      'a member that does not answer',
      memberFacts('m1', { name: 'etcd1', data: true }),
      undefined,
      /etcd of m1 does not answer/,
    ],
    [
      'another name',
      memberFacts('m1', { ...told(member('etcd2')), name: 'etcd2' }),
      undefined,
      /is called etcd2, and etcd1 on record/,
    ],
    [
      'one member more',
      memberFacts('m1', told(member('etcd1'), member('etcd2'))),
      undefined,
      /members etcd1, etcd2, and not etcd1/,
    ],
    ['a learner', memberFacts('m1', told(member('etcd1', { learner: true }))), undefined, /or do not vote: etcd1/],
    [
      'a member that is away',
      memberFacts('m1', told(member('etcd1', { healthy: false }))),
      undefined,
      /do not answer m1/,
    ],
    ['a machine without a CA', memberFacts('m1', usual), factsOf('w1'), /do not all have the same CA/],
  ])('%s is told', (_what, server, worker, expected) => {
    expect(() => proven(server, worker)).toThrow(expected)
  })
})
