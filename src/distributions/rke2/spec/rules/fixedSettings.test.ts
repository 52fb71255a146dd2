import { describe, expect, it } from 'vitest'
import { specOf } from '../file/written.fixture.ts'
import { fixedSettingFindings, type MadeWith } from './fixedSettings.ts'

const nodes = (address: string): MadeWith['nodes'] => [
  { role: 'worker', internal_ip: '192.0.2.1' },
  { role: 'initial_master', internal_ip: address },
]
const found = (before: MadeWith['cluster_vars'], after: MadeWith['cluster_vars'], first = '10.0.0.11', then = first) =>
  fixedSettingFindings({ cluster_vars: before, nodes: nodes(first) }, { cluster_vars: after, nodes: nodes(then) }).map(
    ({ severity, about, message }) => `${severity} ${about}: ${message}`,
  )

describe('settings that a cluster keeps', () => {
  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{}, { 'cluster-cidr': '10.44.0.0/16' }],
    [{ 'cluster-cidr': '10.44.0.0/16' }, {}],
    [{ 'cluster-cidr': '10.44.0.0/16' }, { 'cluster-cidr': '10.44.0.0/17' }],
    [{ 'cluster-cidr': '10.44.0.0/16' }, { 'cluster-cidr': '10.44.0.0/16,fd00:42::/56' }],
    [{}, { 'service-cidr': '10.96.0.0/12' }],
    [{}, { 'cluster-domain': 'corp.example' }],
    [{ 'data-dir': '/data/rke2' }, {}],
    [{}, { cni: 'cilium' }],
    [{ cni: 'multus,canal' }, { cni: 'multus,cilium' }],
    [{ cni: ['multus', 'calico'] }, {}],
  ])('%j cannot become %j', (before, after) => {
    const [key] = Object.keys({ ...before, ...after })
    expect(found(before, after)).toEqual([expect.stringContaining(`error spec.cluster_vars.${key}: `)])
  })

  it('are told with what the cluster was made with, and what counts by default', () => {
    expect(found({}, { 'service-cidr': '10.96.0.0/12' })[0]).toContain(
      'was made with service-cidr 10.43.0.0/16 (the default), and the file asks for 10.96.0.0/12',
    )
  })

  it.each<[Record<string, unknown> | undefined, Record<string, unknown> | undefined]>([
    [undefined, {}],
    [undefined, { 'cluster-cidr': '10.42.0.0/16', 'service-cidr': '10.43.0.0/16' }],
    [{}, { 'cluster-cidr': '10.42.1.0/16', 'service-cidr': '10.43.0.9/16' }],
    [{ 'cluster-cidr': '10.44.1.0/16,fd00:42::1/56' }, { 'cluster-cidr': ['10.44.0.0/16', 'fd00:42::/56'] }],
    [{ 'cluster-domain': 'cluster.local', cni: 'canal', 'data-dir': '/var/lib/rancher/rke2/' }, {}],
    [{ 'cluster-cidr': '10.44.0.0/16, fd00:0::/56' }, { 'cluster-cidr': '10.44.0.0/16,fd00::/56' }],
    [{ cni: ['multus', 'canal'] }, { cni: 'multus,canal' }],
    [{}, { cni: 'multus,canal' }],
    [{}, { 'cluster-dns': '10.43.0.53', 'tls-san': ['api.example.org'] }],
    // Of what was stored by other rules, only these settings count.
    [{ extra: { 'etcd-s3-secret-key': 'x' }, 'tls-san': 7 }, {}],
  ])('%j and %j are the same', (before, after) => {
    expect(found(before, after)).toEqual([])
  })

  it('have defaults of the family of the first server', () => {
    expect(found({}, { 'cluster-cidr': 'fd00:42::/56' }, 'fd00::11')).toEqual([])
    expect(found({}, {}, '10.0.0.11,fd00::11', 'fd00::11,10.0.0.11')).toHaveLength(2)
    expect(fixedSettingFindings(specOf([]), specOf(['cluster_vars: { cni: [canal] }']))).toEqual([])
  })
})
