import { describe, expect, it } from 'vitest'
import { renderInventory } from '../../ansible/inventory.ts'
import { rolesWith } from './inventory.ts'
import { memberNames } from './memberNames.ts'
import { kubesprayNode, kubespraySpec } from './spec/spec.ts'
import { clusterVariables, nodeVariables } from './variables.ts'

const addresses: Readonly<Record<string, string>> = {
  m1: '10.0.0.11',
  m2: '10.0.0.12',
  w1: '10.0.0.21',
  w2: '10.0.0.22',
}
const node = (hostname: string, role: string, more: object = {}) =>
  kubesprayNode.parse({ hostname, role, internal_ip: addresses[hostname], ...more })
const nodes = [
  node('m1', 'initial_master'),
  node('m2', 'master'),
  node('w1', 'worker', { etcd: true }),
  node('w2', 'worker'),
]
const spec = kubespraySpec.parse({
  distribution: 'kubespray',
  version: '1.34.1',
  kubespray: { source: { folder: '/k' } },
  nodes,
})
const secrets = { encryption: 'e'.repeat(32), variables: {} }

describe('the names of members of etcd', () => {
  it('are given in order, and never again', () => {
    const first = memberNames(['m1', 'm2', 'm3'], new Map())
    expect([...first.values()]).toEqual(['etcd1', 'etcd2', 'etcd3'])
    expect([...memberNames(['m4', 'm3', 'm2'], first)]).toEqual([
      ['m4', 'etcd4'],
      ['m3', 'etcd3'],
      ['m2', 'etcd2'],
    ])
  })
})

describe('the inventory', () => {
  const inventory = renderInventory(rolesWith(memberNames(['m1', 'm2', 'w1'], new Map())), {}, nodes)
  it('has Kubespray’s groups', () => {
    expect(inventory.groups).toEqual({
      kube_control_plane: ['m1', 'm2'],
      etcd: ['m1', 'm2', 'w1'],
      kube_node: ['w1', 'w2'],
    })
  })
  it('tells each host its address, and each member of etcd its name', () => {
    const of = (name: string) => inventory.hosts.find(host => host.name === name)?.variables
    expect(of('w1')).toMatchObject({
      ansible_host: nodes[2]?.internal_ip,
      ip: nodes[2]?.internal_ip,
      access_ip: nodes[2]?.internal_ip,
      etcd_member_name: 'etcd3',
    })
    expect(of('w2')).not.toHaveProperty('etcd_member_name')
  })
  it('puts pods on servers where nobody else takes any', () => {
    expect(renderInventory(rolesWith(new Map()), {}, nodes.slice(0, 2)).groups['kube_node']).toEqual(['m1', 'm2'])
  })
})

describe('the variables', () => {
  it('set what is Slipway’s own over everything', () => {
    const variables = clusterVariables(
      { ...spec, cluster_vars: { kube_network_plugin: 'cilium', bin_dir: '/a' } },
      { ...secrets, variables: { bin_dir: '/b' } },
    )
    expect(variables).toMatchObject({
      kube_version: '1.34.1',
      kube_network_plugin: 'cilium',
      bin_dir: '/b',
      kube_encryption_algorithm: 'secretbox',
      kube_encrypt_token: secrets.encryption,
    })
  })
  it('name the API’s addresses in its certificate, beside those that the file asks for', () => {
    const asked = { supplementary_addresses_in_ssl_keys: ['api.other.example'] }
    expect(
      clusterVariables({ ...spec, api_endpoint: 'api.demo.example', cluster_vars: asked }, secrets)[
        'supplementary_addresses_in_ssl_keys'
      ],
    ).toEqual(['api.other.example', 'api.demo.example', nodes[0]?.internal_ip, nodes[1]?.internal_ip])
  })
  it('keep traffic between the nodes off the proxy', () => {
    const proxy = { http_proxy: 'http://proxy.example:3128', no_proxy: ['.example'] }
    expect(clusterVariables({ ...spec, proxy }, secrets)).toMatchObject({
      http_proxy: proxy.http_proxy,
      additional_no_proxy: ['.example', ...nodes.map(({ internal_ip }) => internal_ip)].join(','),
    })
  })
  it('of a node are its own', () => {
    expect(nodeVariables({ nodes: [node('w1', 'worker', { node_vars: { a: 1 } })] })).toEqual({ w1: { a: 1 } })
  })
})
