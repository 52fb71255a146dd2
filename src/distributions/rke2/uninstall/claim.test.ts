import { expect, it } from 'vitest'
import type { HostFacts } from '../host/facts.ts'
import { knownCa, knownEtcd, machineFacts, serverFacts } from '../machineFacts.fixture.ts'
import { claimOn } from './claim.ts'

const node = { hostname: 'm1', internal_ip: '10.0.0.1', role: 'initial_master' as const }
const bootstrap = {
  state: 'done' as const,
  machine_id: 'machine-1',
  joiner_started: true,
  ca_hash: knownCa,
  etcd_cluster: knownEtcd,
}
const claim = (facts: HostFacts, over: Partial<typeof bootstrap> | { ca_hash: null } = {}) =>
  claimOn({ node, facts, error: null }, 'i', { name: 'demo', bootstrap: { ...bootstrap, ...over } }).kind
const fence = { epoch: 1, number: 2, installation: 'i', cluster: 'demo' }
const server = serverFacts('m1')
const bare = machineFacts({ hostname: 'm1', fence: null })
const installed = { ...bare, release: { ...bare.release, version: 'v1.34.1+rke2r1', prefix: '/usr/local' } }
const withCa = (facts: HostFacts, ca_hash: string | null): HostFacts => ({ ...facts, data: { ...facts.data, ca_hash } })

it.each([
  ['a server of the cluster', { ...server, fence }, 'ours'],
  ['one that was given up', bare, 'clean'],
  ['one that was only brought the release', { ...installed, fence }, 'ours'],
  ['one on which RKE2 is gone, and that was not given up yet', { ...bare, fence }, 'ours'],
  ['one of another cluster of this installation', { ...server, fence: { ...fence, cluster: 'other' } }, 'left-alone'],
  ['one of another installation', { ...server, fence: { ...fence, installation: 'j' } }, 'left-alone'],
  ['one with the data of another cluster', withCa({ ...server, fence }, 'f'.repeat(64)), 'left-alone'],
  ['one that somebody else has installed', installed, 'left-alone'],
  ['one without a mark, whose data is the cluster’s', { ...server, fence: null }, 'ours'],
  ['one without a mark, whose data is not', withCa({ ...server, fence: null }, 'f'.repeat(64)), 'left-alone'],
] as const)('%s', (_what, facts, kind) => {
  expect(claim(facts)).toBe(kind)
})

it('a restored copy of the cluster under the same CA is another one', () => {
  expect(claim({ ...server, fence }, { etcd_cluster: 'abc' })).toBe('left-alone')
})

it('before the cluster is made there is no CA to go by: the mark alone says whose a machine is', () => {
  expect(claim({ ...server, fence }, { ca_hash: null })).toBe('ours')
  expect(claim({ ...server, fence: null }, { ca_hash: null })).toBe('left-alone')
})

it('files that a person has prepared on a machine that was never begun are left as they are, without a word', () => {
  const config = server.config.length > 0 ? server.config : installed.config
  expect(claim({ ...bare, config })).toBe('clean')
})
