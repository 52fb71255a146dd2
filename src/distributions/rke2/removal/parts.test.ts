import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../host/facts.ts'
import { etcdOf } from '../machineFacts.fixture.ts'
import { bootstrapRecord, host, installedFacts, server } from '../observedCluster.fixture.ts'
import { othersDataFindings, returningFindings } from './parts.ts'

const withData = (data: Partial<HostFacts['data']>, cluster = installedFacts.cluster): HostFacts => ({
  ...installedFacts,
  cluster,
  data: { ...installedFacts.data, ...data },
})
const other = 'd'.repeat(64)
const answering = { ready: true, error: null, nodes: null, etcd: etcdOf('m1') }

describe('what lies on the machine of a node that leaves', () => {
  const found = (facts: HostFacts, bootstrap = bootstrapRecord) =>
    othersDataFindings(host(facts), bootstrap).map(({ name }) => name)

  it('is not wiped where it is another cluster, though the machine carries our mark', () => {
    expect(found(withData({ ca_hash: other }))).toEqual(['foreign-data'])
  })

  it.each([
    ['it is ours', withData({})],
    ['nothing lies there any more', withData({ ca_hash: null })],
    ['its CA was rotated', withData({ ca_hash: other }, answering)],
  ])('leaves with it where %s', (_what, facts) => {
    expect(found(facts)).toEqual([])
  })
})

describe('a node that is to join anew, on a machine that', () => {
  const seen = { node: null, password: 'none' as const }
  const found = (facts: HostFacts, role: 'master' | 'worker' = 'master') =>
    returningFindings({ returns: true }, host(facts, { ...server('m2', 2), role }), seen, false).map(({ name }) => name)

  it('holds its data is refused: it was not lost', () => {
    expect(found(withData({}))).toEqual(['still-holds-data'])
    expect(found(withData({ etcd_member: false }), 'worker')).toEqual(['still-holds-data'])
  })

  it('has lost its data joins, also where RKE2 itself is still there', () => {
    expect(found(withData({ etcd_member: false }))).toEqual([])
    expect(found(withData({ etcd_member: false, agent: false }), 'worker')).toEqual([])
  })
})
