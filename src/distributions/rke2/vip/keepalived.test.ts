import { describe, expect, it } from 'vitest'
import { argumentsOfStage } from '../stageBench.fixture.ts'
import { machineFacts } from '../machineFacts.fixture.ts'
import { only } from '../arguments.ts'
import { routerIdOf, vipPaths } from './keepalived.ts'
import { interfacesOf, wantedVipFiles } from './wanted.ts'

const keys = { hashKey: '00'.repeat(32), password: 'abcd1234' }
/** Interface, address, length of the prefix. */
type Address = readonly [string, string, number]
const on = (...interfaces: readonly Address[]) =>
  machineFacts({ interfaces: interfaces.map(([name, address, prefix]) => ({ interface: name, address, prefix })) })
const eth0 = on(['eth0', '10.0.0.0', 24], ['eth1', '192.168.7.5', 24])

/** What is to lie on the first of three servers. */
function filesOf(vip: object, facts = eth0, over: object = {}) {
  const stage = argumentsOfStage('rke2/vip', 3, 0, { vip: { address: '10.0.0.100', ...vip }, ...over })
  const files = wantedVipFiles(stage, only(stage), facts, keys)
  return new Map(files?.map(file => [file.path, file]))
}
const configuration = (...given: Parameters<typeof filesOf>) => filesOf(...given).get(vipPaths.configuration)?.content

describe('the configuration of keepalived', () => {
  it('names the other servers and itself, holds the address alone, and asks the server before it does', () => {
    const text = configuration({})
    expect(text).toContain('  unicast_src_ip 10.0.0.0\n  unicast_peer {\n    10.0.0.1\n    10.0.0.2\n  }\n')
    expect(text).toContain('  virtual_ipaddress {\n    10.0.0.100/32 dev eth0\n  }\n')
    expect(text).toContain('auth_pass abcd1234')
    expect(text).toContain('  script "/usr/libexec/keepalived/slipway-vip-check /var/lib/rancher/rke2"')
    // A check with a weight never lets a holder go that the others may not preempt.
    expect(text).toContain('nopreempt')
    expect(text).not.toContain('weight')
  })

  it('has no password where the protocol has none, and the prefix of one address', () => {
    const nodes = ['11', '12', '13'].map((end, index) => ({
      hostname: `m${index + 1}`,
      internal_ip: `10.0.0.${end},fd00::${end}`,
      role: index === 0 ? 'initial_master' : 'master',
    }))
    const text = configuration({ address: 'fd00::100' }, on(['eth0', 'fd00::11', 64]), { nodes })
    expect(text).toContain('version 3')
    expect(text).toContain('fd00::100/128 dev eth0')
    expect(text).toContain('unicast_src_ip fd00::11')
    expect(text).toContain('    fd00::12\n    fd00::13\n')
    expect(text).not.toContain('auth')
  })

  it('gives each server a priority of its own, whatever the order of the file', () => {
    const priority = (order: readonly number[]) => {
      const nodes = order.map(index => ({
        hostname: `m${index}`,
        internal_ip: `10.0.0.${index}`,
        role: index === order[0] ? 'initial_master' : 'master',
      }))
      const stage = argumentsOfStage('rke2/vip', 3, 0, { vip: { address: '10.0.0.100' }, nodes })
      return stage.servers
        .map(node => {
          const files = wantedVipFiles(stage, node, on(['eth0', node.internal_ip, 24]), keys) ?? []
          return `${node.hostname} ${/priority (\d+)/.exec(files.map(({ content }) => content).join(''))?.[1]}`
        })
        .toSorted()
    }
    expect(priority([1, 2, 3])).toEqual(['m1 250', 'm2 230', 'm3 210'])
    expect(priority([3, 1, 2])).toEqual(priority([1, 2, 3]))
  })

  it('has the router id of its address, unless one is given', () => {
    expect(configuration({})).toContain(`virtual_router_id ${routerIdOf('10.0.0.100')}\n`)
    expect(configuration({ router_id: 7 })).toContain('virtual_router_id 7\n')
    const ids = Array.from({ length: 254 }, (_, index) => routerIdOf(`10.0.0.${index + 1}`))
    expect(Math.min(...ids)).toBeGreaterThan(0)
    expect(Math.max(...ids)).toBeLessThan(256)
    expect(routerIdOf('fd00:0::1')).toBe(routerIdOf('fd00::1'))
  })

  it('puts the VIP on the interface that is named, and talks to the others over their own addresses', () => {
    const text = configuration({ interface: 'eth1' })
    expect(text).toContain('  interface eth0\n')
    expect(text).toContain('10.0.0.100/32 dev eth1')
  })

  it('is readable for root alone, and the check is a program of the host’s own Python', () => {
    const files = filesOf({})
    expect([...files.values()].map(({ path, mode }) => `${mode} ${path}`)).toEqual([
      `0755 ${vipPaths.check}`,
      `0644 ${vipPaths.unit}`,
      `0600 ${vipPaths.configuration}`,
    ])
    expect(files.get(vipPaths.check)?.content).toMatch(/^#!\/usr\/bin\/python3 -IS\n# Written by Slipway/)
  })
})

describe('the interface of a server', () => {
  const node = { hostname: 'm1', internal_ip: '10.0.0.11', role: 'initial_master' as const }
  it.each<[string, string, readonly Address[], object, object]>([
    [
      'the one with its own address',
      '10.0.0.100',
      [['ens3', '10.0.0.11', 24]],
      {},
      { own: 'ens3', vip: 'ens3', inside: true },
    ],
    ['outside of the network', '10.0.1.100', [['ens3', '10.0.0.11', 24]], {}, { vip: 'ens3', inside: false }],
    ['an address alone is no network', '10.0.0.100', [['ens3', '10.0.0.11', 32]], {}, { vip: 'ens3', inside: false }],
    [
      'the VIP itself makes no network',
      '10.0.1.100',
      [
        ['ens3', '10.0.0.11', 24],
        ['ens3', '10.0.1.100', 32],
      ],
      {},
      { inside: false },
    ],
    [
      'named for the cluster',
      '10.9.0.100',
      [
        ['ens3', '10.0.0.11', 24],
        ['ens4', '10.9.0.7', 16],
      ],
      { interface: 'ens4' },
      { own: 'ens3', vip: 'ens4', inside: true },
    ],
    ['named, and not there', '10.0.0.100', [['ens3', '10.0.0.11', 24]], { interface: 'eth0' }, { vip: null }],
    ['nobody has its address', '10.0.0.100', [['ens3', '10.0.0.12', 24]], {}, { own: null, vip: null }],
  ])('%s', (_what, address, interfaces, over, expected) => {
    expect(interfacesOf(node, { address, ...over }, on(...interfaces))).toMatchObject(expected)
  })

  it('one that is named for the server wins', () => {
    const own = { ...node, vip_interface: 'ens4' }
    const facts = on(['ens3', '10.0.0.11', 24], ['ens4', '10.0.0.9', 24])
    expect(interfacesOf(own, { address: '10.0.0.100', interface: 'ens3' }, facts).vip).toBe('ens4')
  })
})
