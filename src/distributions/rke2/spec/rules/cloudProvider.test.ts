import { describe, expect, it } from 'vitest'
import { findingsOf } from '../file/written.fixture.ts'

const aws = 'cluster_vars: { cloud-provider-name: aws }'
const nodes = ({ m1 = '', m2 = '', w1 = '' }): string[] => [
  `{ hostname: m1, internal_ip: 10.0.0.11, role: initial_master${m1} }`,
  `{ hostname: m2, internal_ip: 10.0.0.12, role: master${m2} }`,
  `{ hostname: m3, internal_ip: 10.0.0.13, role: master }`,
  `{ hostname: w1, internal_ip: 10.0.0.21, role: worker${w1} }`,
]
const external = ', external_ip: 192.0.2.1'
/** `PLACE: NAME` of each finding. */
const found = (lines: readonly string[], of: Parameters<typeof nodes>[0] = {}) =>
  findingsOf(lines, nodes(of)).map(line => line.split(': ').slice(0, 2).join(': '))

describe('a cloud provider tells the external address, so none is given', () => {
  it.each<[string, readonly string[], Parameters<typeof nodes>[0], readonly number[]]>([
    ['aws, on the first server', [aws], { m1: external }, [0]],
    ['external, on a joining one', ['cluster_vars: { cloud-provider-name: external }'], { m2: external }, [1]],
    ['rancher-vsphere, on an agent', ['cluster_vars: { cloud-provider-name: rancher-vsphere }'], { w1: external }, [3]],
    ['on every node that has one', [aws], { m1: external, w1: ', external_ip: 192.0.2.3' }, [0, 3]],
    ['in node_vars', [], { w1: `${external}, node_vars: { cloud-provider-name: external }` }, [3]],
    [
      'in node_vars of another node only',
      [],
      { m1: ', node_vars: { cloud-provider-name: external }', m2: external },
      [],
    ],
    ['also where Slipway goes by that address', [aws], { m2: `${external}, use_external_ip: true` }, [1]],
    [
      'with its configuration',
      ['cluster_vars: { cloud-provider-name: aws, extra: { cloud-provider-config: /etc/cloud } }'],
      { m1: external },
      [0],
    ],
    ['nobody has one', [aws], {}, []],
    ['there is no provider', [], { m1: external }, []],
  ])('%s', (_how, lines, of, at) => {
    expect(found(lines, of)).toEqual(at.map(index => `spec.nodes[${index}].external_ip: external-ip-with-provider`))
  })

  it('says which key it is that goes with no external address', () => {
    const lines = ['cluster_vars: { extra: { cloud-provider-config: /etc/cloud } }']
    expect(findingsOf(lines, nodes({ m1: external })).join('\n')).toMatch(
      /together with cloud-provider-config: .* Remove external_ip, or cloud-provider-config\.$/m,
    )
  })
})

describe('the configuration of a cloud provider is nothing without its name', () => {
  const name = 'provider-without-name'
  const config = '{ cloud-provider-config: /etc/cloud }'
  it.each<[string, readonly string[], Parameters<typeof nodes>[0], readonly string[]]>([
    [
      'for all nodes',
      [`cluster_vars: { extra: ${config} }`],
      {},
      [`spec.cluster_vars.extra.cloud-provider-config: ${name}`],
    ],
    [
      'for one node',
      [],
      { w1: `, node_vars: { extra: ${config} }` },
      [`spec.nodes[3].node_vars.extra.cloud-provider-config: ${name}`],
    ],
    [
      'where one node alone has the name',
      [`cluster_vars: { extra: ${config} }`],
      { m1: ', node_vars: { cloud-provider-name: aws }' },
      [`spec.cluster_vars.extra.cloud-provider-config: ${name}`],
    ],
    ['with it', [`cluster_vars: { cloud-provider-name: aws, extra: ${config} }`], {}, []],
    ['with it at the same node', [], { w1: `, node_vars: { cloud-provider-name: aws, extra: ${config} }` }, []],
  ])('%s', (_where, lines, of, expected) => {
    expect(found(lines, of)).toEqual(expected)
  })
})
