import { describe, expect, it } from 'vitest'
import { dualNodes, findingsOf, specOf } from '../file/written.fixture.ts'

const names = (lines: readonly string[], nodes?: readonly string[]) =>
  findingsOf(lines, nodes).map(one => one.split(': ').slice(0, 2).join(' '))
const vip = (text: string) => [`vip: { ${text} }`]
const v6Nodes = ['{ hostname: m1, internal_ip: "fd00::11", role: initial_master }']

describe('a VIP that fits the rest of the file', () => {
  it.each<[string, readonly string[], readonly string[] | undefined]>([
    ['an address alone', vip('address: 10.0.0.100'), undefined],
    [
      'with all that keepalived takes',
      vip('address: 10.0.0.100, provider: keepalived, interface: eth0.5, router_id: 7'),
      undefined,
    ],
    [
      'by kube-vip',
      vip('address: 10.0.0.100, provider: kube-vip, image: "mirror.example:5000/kube-vip:v1.0.3"'),
      undefined,
    ],
    ['of IPv6', vip('address: "fd00::100"'), v6Nodes],
    ['of either family of two', vip('address: "fd00::100"'), dualNodes],
    ['said twice', [...vip('address: "fd00::100"'), 'api_endpoint: "fd00:0::100"'], v6Nodes],
    [
      'where the API listens on all addresses',
      [...vip('address: 10.0.0.100'), 'cluster_vars: { bind-address: 0.0.0.0 }'],
      undefined,
    ],
  ])('%s', (_what, lines, nodes) => {
    expect(names(lines, nodes)).toEqual([])
  })
})

describe('a VIP that cannot be', () => {
  it.each<[string, readonly string[], readonly string[] | undefined, string]>([
    [
      'another endpoint',
      [...vip('address: 10.0.0.100'), 'api_endpoint: api.example.org'],
      undefined,
      'spec.api_endpoint vip-endpoint',
    ],
    ['the address of a server', vip('address: 10.0.0.11'), undefined, 'spec.vip.address vip-is-a-node'],
    ['the address of an agent', vip('address: 10.0.0.21'), undefined, 'spec.vip.address vip-is-a-node'],
    ['the other spelling of an address', vip('address: "fd00:0:0::11"'), v6Nodes, 'spec.vip.address vip-is-a-node'],
    ['a family that servers lack', vip('address: "fd00::100"'), undefined, 'spec.nodes[0].internal_ip vip-family'],
    ['within the range of pods', vip('address: 10.42.0.5'), undefined, 'spec.vip.address address-in-range'],
    ['within the range of services', vip('address: 10.43.0.5'), undefined, 'spec.vip.address address-in-range'],
    [
      'an API that listens elsewhere',
      [...vip('address: 10.0.0.100'), 'cluster_vars: { bind-address: 10.0.0.11 }'],
      undefined,
      'spec.cluster_vars.bind-address vip-not-served',
    ],
    [
      'a router id for kube-vip',
      vip('address: 10.0.0.100, provider: kube-vip, router_id: 5'),
      undefined,
      'spec.vip.router_id vip-setting',
    ],
    ['an image for keepalived', vip('address: 10.0.0.100, image: a/b:1'), undefined, 'spec.vip.image vip-setting'],
  ])('%s', (_what, lines, nodes, found) => {
    expect(names(lines, nodes)).toEqual([found])
  })

  it.each([
    ['an interface with a blank', 'address: 10.0.0.100, interface: "eth0 }"'],
    ['a loopback address', 'address: 127.0.0.5'],
    ['a multicast address', 'address: 224.0.0.18'],
    ['a prefix', 'address: 10.0.0.100/24'],
    ['a router id of 0', 'address: 10.0.0.100, router_id: 0'],
  ])('is refused as a value: %s', (_what, text) => {
    expect(names(vip(text))).toHaveLength(1)
  })
})

it('an interface may be named for one server', () => {
  const [node] = specOf(vip('address: 10.0.0.100'), [
    '{ hostname: m1, internal_ip: 10.0.0.11, role: initial_master, vip_interface: bond0 }',
  ]).nodes
  expect(node?.vip_interface).toBe('bond0')
})
