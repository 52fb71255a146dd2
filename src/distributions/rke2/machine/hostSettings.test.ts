import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../host/facts.ts'
import { machineFacts, plainSettings } from '../machineFacts.fixture.ts'
import type { ReachedHost } from '../observedHost.ts'
import { hostSettings } from '../spec/hostSettings.ts'
import { hostSettingChanges, hostSettingVariables, opens, turnedOnAgain } from './hostSettings.ts'

type Seen = HostFacts['host_settings']

const host = (over: Partial<Seen>): ReachedHost => ({
  node: { hostname: 'm1', internal_ip: '10.0.0.1', role: 'master' },
  facts: machineFacts({ host_settings: { ...plainSettings, ...over } }),
  error: null,
})
const all = { host_settings: hostSettings.parse(['fapolicyd', 'ufw', 'network-manager', 'firewalld']) }
const fapolicyd = { there: true, own: null, loaded: true, takes_rules: true }
const busy: Partial<Seen> = {
  on: ['firewalld.service', 'ufw.service', 'nm-cloud-setup.service', 'nm-cloud-setup.timer'],
  network_manager: { there: true, own: null },
  fapolicyd,
}
const changes = (over: Partial<Seen>, cluster: Parameters<typeof hostSettingChanges>[1] = all) =>
  hostSettingChanges(host(over), cluster).map(
    ({ effect, target }) => `${effect} ${target.replace('node/m1/host/', '')}`,
  )
const written = (cluster: object = all) => {
  const { rke2_network_manager, rke2_fapolicyd } = hostSettingVariables(host(busy), { ...all, ...cluster })
  return { manager: String(rke2_network_manager), rules: String(rke2_fapolicyd) }
}

describe('services of a machine', () => {
  it('are set right as far as they are there and are asked for', () => {
    const every = [
      'update nm-cloud-setup',
      'update firewalld',
      'update ufw',
      'create network-manager',
      'create fapolicyd',
    ]
    expect(changes(busy)).toEqual(every)
    expect(changes({})).toEqual([])
    expect(changes(busy, {})).toEqual([])
    expect(changes(busy, { host_settings: ['firewalld'] })).toEqual(['update firewalld'])
    expect(hostSettingVariables(host({}), all)).toEqual({})
  })

  it('are left where they are right, and set right again where somebody has edited them, or they have not read it yet', () => {
    const { manager, rules } = written()
    const right = {
      network_manager: { there: true, own: manager.trim() },
      fapolicyd: { ...fapolicyd, own: rules.trim() },
    }
    expect(changes(right)).toEqual([])
    expect(changes({ ...right, pending: ['fapolicyd'] })).toEqual(['update fapolicyd'])
    expect(changes({ ...right, pending: ['network-manager'] })).toEqual(['update network-manager'])
    expect(changes({ ...right, fapolicyd: { ...right.fapolicyd, loaded: false } })).toEqual(['update fapolicyd'])
    expect(changes({ ...right, network_manager: { there: true, own: '[keyfile]' } })).toEqual([
      'update network-manager',
    ])
    expect(changes({ ...right, on: ['firewalld.service'], turned_off: ['firewalld.service'] })).toEqual([
      'update firewalld',
    ])
  })

  it('an fapolicyd with all its rules in one file gets none', () => {
    expect(changes({ fapolicyd: { ...fapolicyd, takes_rules: false } })).toEqual([])
  })

  it.each([
    [undefined, ['cali*', 'flannel*']],
    ['cilium', ['cilium*', 'lxc*']],
    ['multus,cilium', ['cilium*', 'lxc*']],
    ['none', ['cali*', 'cilium*']],
  ])(
    'NetworkManager leaves the interfaces of the network %s alone, beside those that it left alone before',
    (cni, names) => {
      const { manager } = written({ cluster_vars: { cni } })
      expect(manager).toMatch(/^# Written by Slipway;.*\n\[keyfile\]\nunmanaged-devices\+=interface-name:/)
      for (const name of names) expect(manager).toContain(`interface-name:${name}`)
      expect(manager.includes('interface-name:lxc*')).toBe(cni !== undefined)
    },
  )

  it('fapolicyd lets run what lies in a data folder that was moved', () => {
    expect(written().rules).toContain('allow perm=any all : dir=/var/lib/rancher/\n')
    expect(written({ cluster_vars: { 'data-dir': '/srv/rke2' } }).rules).toContain('all : dir=/srv/rke2/\n')
  })
})

it('only a firewall that is about to be turned off opens a machine', () => {
  expect(opens(host(busy), all)).toBe(true)
  expect(opens(host(busy), { host_settings: ['network-manager', 'fapolicyd'] })).toBe(false)
  expect(opens(host({}), all)).toBe(false)
})

it('a machine that leaves is told to get back what was turned off, whatever the file says by then', () => {
  expect(turnedOnAgain(host(busy).facts)).toBe('')
  expect(turnedOnAgain(host({ turned_off: ['ufw.service'] }).facts)).toBe('; turn ufw.service on again')
})

it('the words are a set, in whatever way they are written', () => {
  expect(hostSettings.parse('ufw')).toEqual(['ufw'])
  expect(hostSettings.parse(null)).toEqual([])
  expect(hostSettings.parse(['ufw', 'firewalld', 'ufw'])).toEqual(['firewalld', 'ufw'])
  expect(hostSettings.safeParse(['iptables']).success).toBe(false)
})
