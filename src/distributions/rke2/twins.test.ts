import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../../hosts/facts.ts'
import { machineFacts } from './machineFacts.fixture.ts'
import { twinFindings } from './twins.ts'

const data = machineFacts().data
const candidate = (hostname: string, over: Partial<HostFacts> = {}) => ({
  node: { hostname, internal_ip: `10.0.0.${hostname.slice(1)}`, role: 'worker' as const },
  facts: machineFacts({ hostname, machine_id: 'one', boot_id: 'boot', addresses: ['10.0.0.1', '10.0.0.2'], ...over }),
})

describe('one machine under two addresses', () => {
  it('is told as that, once, and no id is to be removed', () => {
    const found = twinFindings([candidate('h1'), candidate('h2', { hostname: 'h1' })])
    expect(found.map(({ name, about }) => `${name}: ${about}`)).toEqual(['same-machine: nodes h1, h2'])
    expect(found[0]?.message).toBe('they are one machine under several addresses (10.0.0.1, 10.0.0.2)')
    expect(JSON.stringify(found)).not.toContain('machine-id')
  })

  it('is found beside a true clone, which alone is to get a new id', () => {
    const clone = candidate('h3', { boot_id: 'other', addresses: ['10.0.0.3'] })
    const found = twinFindings([candidate('h1'), candidate('h2'), clone])
    expect(found.map(({ name, about }) => `${name}: ${about}`)).toEqual([
      'same-machine: nodes h1, h2',
      'equal-machine-id: nodes h1, h3',
    ])
    expect(found[1]?.remedy).toContain('On h3, if')
  })
})

describe('one machine that runs as a member', () => {
  const own = ['10.0.0.1', '10.0.0.2']
  it.each([
    ['of its pods', [...own, 'fe80::1', '10.42.0.1'], [...own, 'fe80::2', 'fe80::3']],
    ['that is taken from a balancer', [...own, '10.0.0.100'], own],
    ['of a tunnel', ['fd00::7', '10.0.0.2', '10.0.0.1'], own],
  ])('is found though an address %s changed between the looks', (_what, one, two) => {
    const found = twinFindings([
      candidate('h1', { addresses: one }),
      candidate('h2', { addresses: two, hostname: 'b' }),
    ])
    expect(found.map(({ name }) => name)).toEqual(['same-machine'])
  })

  it('is found behind addresses that are none of its own', () => {
    const [one, two] = [candidate('h1', { addresses: ['10.9.9.9', 'fd00:0::1'] }), candidate('h2')]
    const found = twinFindings([one, { ...two, facts: { ...one.facts, addresses: ['fd00::1', '10.9.9.9'] } }])
    expect(found.map(({ name }) => name)).toContain('same-machine')
    expect(found.map(({ name }) => name)).not.toContain('equal-machine-id')
  })

  it('is named by the addresses under which it was reached', () => {
    const outside = (hostname: string, external_ip: string) => {
      const { node, facts } = candidate(hostname)
      return { node: { ...node, external_ip, use_external_ip: true }, facts }
    }
    const [found] = twinFindings([outside('h1', '192.0.2.1'), outside('h2', '192.0.2.2')])
    expect(found?.message).toContain('(192.0.2.1, 192.0.2.2)')
  })
})

describe('machines that were cloned', () => {
  const boots = (one: Partial<HostFacts>, two: Partial<HostFacts>) =>
    twinFindings([candidate('h1', { hostname: 'a', ...one }), candidate('h2', { hostname: 'b', ...two })])

  it.each([
    ['boot by themselves', { boot_id: 'other' }],
    ['have their own addresses on one kernel', { addresses: ['10.0.0.2'] }],
    ['do not say when they were booted', { boot_id: null }],
    ['do not say their addresses', { addresses: null }],
  ])('%s', (_what, over) => {
    expect(boots({}, over).map(({ name }) => name)).toEqual(['equal-machine-id'])
  })

  it('are to be renewed only where nothing runs yet', () => {
    const member = { data: { ...data, agent: true } }
    expect(boots({}, { ...member, boot_id: 'other' })[0]?.remedy).toContain('On h1, if')
    const both = boots(member, { ...member, boot_id: 'other' })[0]?.remedy
    expect(both).toContain('all are in use')
    expect(both).not.toContain('rm ')
  })
})
