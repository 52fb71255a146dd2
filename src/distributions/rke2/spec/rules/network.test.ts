import { describe, expect, it } from 'vitest'
import { dualNodes, findingsOf, readWritten, specOf } from '../file/written.fixture.ts'
import { findings as catalogue } from '../../../index.ts'

const vars = (text: string) => [`cluster_vars: { ${text} }`]
const names = (text: string, nodes?: readonly string[]) =>
  findingsOf(vars(text), nodes).map(one => one.split(': ').slice(0, 2).join(' '))
const dual = 'cluster-cidr: "10.42.0.0/16,fd00:42::/56", service-cidr: "10.43.0.0/16,fd00:43::/112"'
const v6Nodes = ['{ hostname: m1, internal_ip: "fd00::11", role: initial_master }']

describe('networks that work', () => {
  it.each<[string, readonly string[] | undefined]>([
    ['cluster-cidr: 10.44.0.0/16', undefined],
    ['cluster-cidr: 10.42.0.0/23', undefined],
    ['service-cidr: 10.96.0.0/12, cluster-dns: 10.96.0.10', undefined],
    ['service-cidr: 10.43.0.0/28', undefined],
    [dual, dualNodes],
    [`${dual}, cluster-dns: "10.43.0.53,fd00:43::53"`, dualNodes],
    [
      'cluster-cidr: "fd00:42::/56,10.42.0.0/16", service-cidr: "fd00:43::/112,10.43.0.0/16"',
      ['{ hostname: m1, internal_ip: "fd00::11,10.0.0.11", role: initial_master }'],
    ],
    ['cni: cilium', v6Nodes],
    [
      'cluster-cidr: "fd00:42::/96", service-cidr: "fd00:43::/112", kube-controller-manager-arg: node-cidr-mask-size-ipv6=112',
      v6Nodes,
    ],
    ['cni: cilium', dualNodes],
    ['bind-address: 0.0.0.0', undefined],
  ])('%s', (text, nodes) => {
    expect(names(text, nodes)).toEqual([])
  })

  it('keeps two addresses with the first one as the one to go by', () => {
    expect(specOf(vars(dual), dualNodes).nodes.map(node => node.internal_ip)).toEqual([
      '10.0.0.11,fd00::11',
      '10.0.0.21,fd00::21',
    ])
  })
})

describe('networks that cannot be', () => {
  const cidrs = 'spec.cluster_vars.cluster-cidr'
  const services = 'spec.cluster_vars.service-cidr'
  it.each<[string, string, readonly string[] | undefined]>([
    ['cluster-cidr: 10.42.0.0/48', `${cidrs} bad-value`, undefined],
    ['cluster-cidr: 10.42.0.0', `${cidrs} bad-value`, undefined],
    ['service-cidr: 999.43.0.0/16', `${services} bad-value`, undefined],
    ['cluster-cidr: 127.0.0.0/8', `${cidrs} bad-value`, undefined],
    ['cluster-cidr: "ff00::/56"', `${cidrs} bad-value`, undefined],
    ['cluster-cidr: 0.0.0.0/0', `${cidrs} bad-value`, undefined],
    ['cluster-cidr: "10.42.0.0/16,10.44.0.0/16"', `${cidrs} range-families`, undefined],
    ['cluster-cidr: "10.42.0.0/16,2001:db8:42::/56"', `${cidrs} range-families-differ`, undefined],
    [dual, 'spec.nodes[0].internal_ip node-family', undefined],
    [
      'cluster-cidr: "fd00:42::/56,10.42.0.0/16", service-cidr: "10.43.0.0/16,fd00:43::/112"',
      `${cidrs} range-families-differ`,
      dualNodes,
    ],
    ['cluster-cidr: "fd00:42::/56", service-cidr: "fd00:43::/112"', 'spec.nodes[0].internal_ip node-family', undefined],
    [
      'cluster-cidr: "10.42.0.0/16,fd00:42::/56", service-cidr: "10.43.0.0/16,fd00::/64"',
      `${services} service-range-size`,
      dualNodes,
    ],
    [
      'service-cidr: 10.0.0.0/8',
      `${services} service-range-size`,
      ['{ hostname: m1, internal_ip: 192.0.2.1, role: initial_master }'],
    ],
    ['service-cidr: 10.43.0.0/30', `${services} service-range-size`, undefined],
    [
      'cluster-cidr: "10.42.0.0/16,fd00:42::/108", service-cidr: "10.43.0.0/16,fd00:43::/112"',
      `${cidrs} pod-range-size`,
      dualNodes,
    ],
    [
      'cluster-cidr: "fd00:42::/40", service-cidr: "fd00:43::/112"',
      `${cidrs} pod-range-size`,
      ['{ hostname: m1, internal_ip: "2001:db8::1", role: initial_master }'],
    ],
    ['cluster-cidr: 10.42.0.0/25', `${cidrs} pod-range-size`, undefined],
    ['cluster-cidr: 10.42.0.0/24', `${cidrs} pod-range-full`, undefined],
    ['cluster-cidr: 10.43.128.0/17', `${cidrs} ranges-overlap`, undefined],
    ['cluster-dns: 10.44.0.10', 'spec.cluster_vars.cluster-dns dns-outside', undefined],
    ['service-cidr: 10.96.0.0/12, cluster-dns: 10.43.0.10', 'spec.cluster_vars.cluster-dns dns-outside', undefined],
    ['cluster-dns: 10.43.0.1', 'spec.cluster_vars.cluster-dns dns-reserved', undefined],
    ['cluster-dns: x', 'spec.cluster_vars.cluster-dns bad-value', undefined],
    ['advertise-address: "fd00::11"', 'spec.cluster_vars.advertise-address advertised-family', dualNodes],
    ['bind-address: "fd00::1"', 'spec.cluster_vars.bind-address address-family', undefined],
    ['advertise-address: 127.0.0.1', 'spec.cluster_vars.advertise-address address-of-nobody', undefined],
  ])('%s', (text, expected, nodes) => {
    expect(names(text, nodes)).toContain(expected)
  })

  it.each([
    ['internal_ip: 10.42.0.11', [], 'internal_ip'],
    ['internal_ip: 10.43.7.1', [], 'internal_ip'],
    ['internal_ip: "10.0.0.11,fd00:42::11"', vars(dual), 'internal_ip'],
    ['internal_ip: 10.0.0.11, external_ip: 10.42.3.4', [], 'external_ip'],
    ['internal_ip: 172.16.0.1', vars('cluster-cidr: 172.16.0.0/16'), 'internal_ip'],
  ])('a machine within a range: %s', (address, lines, field) => {
    const found = findingsOf(lines, [`{ hostname: m1, ${address}, role: initial_master }`])
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`spec.nodes[0].${field}: address-in-range`)
    expect(found[0]).toContain('--accept address-in-range')
  })

  it.each([
    ['address-in-range', [], ['{ hostname: m1, internal_ip: 10.42.0.11, role: initial_master }']],
    ['address-in-range', ['api_endpoint: 10.43.0.5'], undefined],
    ['node-ports-taken', vars('service-node-port-range: 80-32767'), undefined],
    ['node-ports-taken', vars('service-node-port-range: 10250-10260'), undefined],
  ])('%s stands in the way of no cluster that runs with it: %j', (name, lines, nodes) => {
    const reading = readWritten(lines, nodes)
    const warned = reading.ok ? reading.warnings.map(one => `${one.severity} ${one.name}`) : []
    expect(warned).toEqual([`warning ${name}`])
    expect(catalogue.acceptable.includes(name)).toBe(true)
  })

  it('an endpoint within the range of services', () => {
    expect(findingsOf(['api_endpoint: 10.43.0.5']).join()).toContain('spec.api_endpoint: address-in-range')
  })

  it.each([
    ['"10.0.0.11,10.0.0.12"', 'one of each family'],
    ['"10.0.0.11,fd00::1,fd00::2"', 'one of each family'],
    ['"10.0.0.11,host"', 'not an IPv4 or IPv6 address'],
    ['"10.0.0.11,::1"', 'loopback'],
    ['","', 'not an IPv4 or IPv6 address'],
    ['[]', 'not an IPv4 or IPv6 address'],
  ])('the addresses %s', (written, message) => {
    const found = findingsOf([], [`{ hostname: m1, internal_ip: ${written}, role: initial_master }`])
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })

  it('sees that two nodes share one of their addresses', () => {
    const found = findingsOf(
      [],
      [
        '{ hostname: m1, internal_ip: "10.0.0.11,fd00::11", role: initial_master }',
        '{ hostname: w1, internal_ip: "10.0.0.12,fd00:0::11", role: worker }',
      ],
    )
    expect(found.join()).toContain('spec.nodes[1].internal_ip: duplicate-address: fd00::11 is used by m1 already')
  })

  it('does not judge the network by defaults where a range is wrong already', () => {
    expect(
      findingsOf(vars('cluster-cidr: 10.42.0.0/99'), [
        '{ hostname: m1, internal_ip: 10.42.0.1, role: initial_master }',
      ]),
    ).toHaveLength(1)
  })
})
