import { describe, expect, it } from 'vitest'
import { foundNodes } from './foundNodes.ts'
import { nodeOf, type Shape } from './nodes.fixture.ts'

const server = (name: string, created: string, more: Shape = {}): Shape => ({
  name,
  created,
  roles: ['control-plane', 'etcd'],
  ...more,
})
const rolesOf = (shapes: readonly Shape[], first: string | null = null) =>
  foundNodes(shapes.map(nodeOf), first).nodes.map(({ hostname, role }) => `${hostname} ${role}`)
const one = (shape: Shape) => foundNodes([nodeOf(shape)], null)

describe('the first server', () => {
  const three = [
    server('m2', '2026-01-02T00:00:00Z'),
    { name: 'w1', created: '2025-01-01T00:00:00Z' },
    server('m1', '2026-01-01T00:00:00Z'),
    server('m3', '2026-01-03T00:00:00Z'),
  ]
  it('is the oldest one with a member of etcd', () => {
    expect(rolesOf(three)).toEqual(['m1 initial_master', 'm2 master', 'm3 master', 'w1 worker'])
    const older = server('a', '2024-01-01T00:00:00Z', { roles: ['control-plane'] })
    expect(rolesOf([...three, older])).toEqual(['m1 initial_master', 'a master', 'm2 master', 'm3 master', 'w1 worker'])
  })

  it('stays the one on record, as long as it is a server', () => {
    expect(rolesOf(three, 'm3')).toEqual(['m3 initial_master', 'm1 master', 'm2 master', 'w1 worker'])
    expect(rolesOf(three, 'w1')[0]).toBe('m1 initial_master')
    expect(rolesOf(three, 'gone')[0]).toBe('m1 initial_master')
  })

  it('is the oldest of the control plane where nobody tells of etcd, and nobody where there is none', () => {
    expect(
      rolesOf([
        { name: 'b', roles: ['master'], created: '2026-01-02T00:00:00Z' },
        { name: 'c', roles: ['control-plane'] },
      ]),
    ).toEqual(['c initial_master', 'b master'])
    expect(rolesOf([{ name: 'a' }, { name: 'b' }])).toEqual(['a worker', 'b worker'])
  })

  it('is named where other servers hold no member of etcd', () => {
    const { findings } = foundNodes(
      [nodeOf(server('m1', '2026-01-01T00:00:00Z')), nodeOf({ name: 'm2', roles: ['control-plane'] })],
      null,
    )
    expect(findings.map(({ name, about }) => `${name} ${about}`)).toEqual(['server-without-etcd node m2'])
  })
})

describe('the addresses of a node', () => {
  const addresses = (...told: readonly string[]) => {
    const [node] = one({ addresses: told }).nodes
    return node && [node.internal_ip, node.external_ip]
  }
  it.each([
    [
      ['InternalIP=10.0.0.1', 'Hostname=n1'],
      ['10.0.0.1', null],
    ],
    [
      ['InternalIP=10.0.0.1', 'InternalIP=FD00:0::1', 'ExternalIP=192.0.2.1'],
      ['10.0.0.1,fd00::1', '192.0.2.1'],
    ],
    [
      ['InternalIP=fd00::1', 'InternalIP=10.0.0.1'],
      ['fd00::1,10.0.0.1', null],
    ],
    [
      ['InternalIP=10.0.0.1', 'InternalIP=10.1.0.1'],
      ['10.0.0.1', null],
    ],
    [
      ['InternalIP=fe80::1', 'InternalIP=127.0.0.1', 'InternalIP=fd00::2'],
      ['fd00::2', null],
    ],
    [
      ['ExternalIP=192.0.2.1', 'InternalDNS=n1.internal'],
      ['192.0.2.1', null],
    ],
  ])('%j', (told, expected) => {
    expect(addresses(...told)).toEqual(expected)
  })

  it('are none: the node is left out, and named', () => {
    const { nodes, findings } = one({ name: 'odd', addresses: ['Hostname=odd'] })
    expect(nodes).toEqual([])
    expect(findings).toMatchObject([{ name: 'node-without-address', about: 'node odd' }])
  })
})

it('a Node whose name would have another meaning is left out, and named', () => {
  expect(one({ name: 'localhost' })).toMatchObject({ nodes: [], findings: [{ name: 'node-name-unusable' }] })
})

describe('a node that is not ready', () => {
  it.each([
    [['True', 'KubeletReady', 'fine'] as const, null],
    [
      ['False', 'KubeletNotReady', 'container runtime network not ready:\n  cni'] as const,
      'KubeletNotReady: container runtime network not ready: cni',
    ],
    [
      ['Unknown', 'NodeStatusUnknown', 'Kubelet stopped posting node status.'] as const,
      'NodeStatusUnknown: Kubelet stopped posting node status.',
    ],
    [null, 'its kubelet has not told yet whether it is ready'],
  ])('%j', (ready, failure) => {
    expect(one({ ready }).nodes[0]?.failure).toBe(failure)
  })
})
