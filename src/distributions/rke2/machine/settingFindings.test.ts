import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../host/facts.ts'
import { machineFacts, plainSettings } from '../machineFacts.fixture.ts'
import type { HostSetting } from '../spec/hostSettings.ts'
import { hostSettingFindings, refusesCloudSetup } from './settingFindings.ts'

const node = { hostname: 'm1', internal_ip: '10.0.0.1', role: 'master' as const }
const found = (over: Partial<HostFacts>, host_settings: HostSetting[] = [], version = 'v1.34.1+rke2r1') =>
  hostSettingFindings({ node, facts: machineFacts(over) }, { version, host_settings })

const troubles: readonly (readonly [string, HostSetting, Partial<HostFacts>])[] = [
  ['firewalld-on', 'firewalld', { firewall: { firewalld: true, ufw: false } }],
  ['ufw-on', 'ufw', { firewall: { firewalld: false, ufw: true } }],
  ['fapolicyd-on', 'fapolicyd', { fapolicyd: { active: true, allows_rke2: false } }],
  ['network-manager', 'network-manager', { network_manager: { active: true, ignores_cni: false, cloud_setup: false } }],
  ['nm-cloud-setup', 'network-manager', { network_manager: { active: true, ignores_cni: true, cloud_setup: true } }],
]

describe('services that stand in RKE2’s way', () => {
  it.each(troubles)('%s is told, with the word by which Slipway sets it right', (name, word, over) => {
    const [finding, ...others] = found(over)
    expect(finding?.name).toBe(name)
    expect(finding?.remedy).toContain(`host_settings: [${word}]`)
    expect(others).toEqual([])
  })

  it.each(troubles)('%s is no matter where the file asks for that', (_name, word, over) => {
    expect(found(over, [word])).toEqual([])
    const others: HostSetting[] = ['network-manager', 'firewalld', 'ufw', 'fapolicyd']
    expect(
      found(
        over,
        others.filter(other => other !== word),
      ),
    ).toHaveLength(1)
  })

  it('a firewall that only starts with the next boot is told as well', () => {
    const [finding] = found({ host_settings: { ...plainSettings, on: ['firewalld.service'] } })
    expect(finding).toMatchObject({
      name: 'firewalld-on',
      message: expect.stringContaining('starts with the next boot'),
    })
  })

  it('an fapolicyd with all its rules in one file is none that Slipway could set right', () => {
    const fapolicyd = { ...plainSettings.fapolicyd, there: true, takes_rules: false }
    const [finding] = found(
      { fapolicyd: { active: true, allows_rke2: false }, host_settings: { ...plainSettings, fapolicyd } },
      ['fapolicyd'],
    )
    expect(finding?.remedy).toContain('/etc/fapolicyd/fapolicyd.rules')
  })
})

it('nm-cloud-setup is in the way of the versions that look for it only', () => {
  const enabled = { network_manager: { active: true, ignores_cni: true, cloud_setup: true } }
  expect(found(enabled, [], 'v1.34.3+rke2r1')).toEqual([])
  const refusing = ['v1.30.4+rke2r1', 'v1.32.9+rke2r1', 'v1.33.6+rke2r1', 'v1.34.1+rke2r1', 'v1.34.2+rke2r1']
  const content = ['v1.33.7+rke2r1', 'v1.34.3+rke2r1', 'v1.35.0+rke2r1', 'v1.35.0-rc1+rke2r1', 'v1.36.2+rke2r2']
  expect([...refusing, ...content].filter(refusesCloudSetup)).toEqual(refusing)
})
