import { describe, expect, it } from 'vitest'
import type { HostFacts } from './host/facts.ts'
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

describe('SSH host keys', () => {
  const keys = ['SHA256:aaa', 'SHA256:bbb']
  const own = (hostname: string, over: Partial<HostFacts> = {}) =>
    candidate(hostname, {
      hostname,
      boot_id: `boot of ${hostname}`,
      addresses: [`10.0.0.${hostname.slice(1)}`],
      ...over,
    })
  const found = (...candidates: Parameters<typeof twinFindings>[0]) => twinFindings(candidates)

  it('that clones share besides their machine-id are named with it, and how each is fixed', () => {
    const [finding, ...more] = found(own('h1', { host_keys: keys }), own('h2', { host_keys: keys.toReversed() }))
    expect(more).toEqual([])
    expect(finding).toMatchObject({
      name: 'equal-machine-id',
      message: 'they have the same machine-id and the same SSH host keys',
    })
    expect(finding?.remedy).toContain('On h2, if nothing else there goes by its id: `rm -f /etc/machine-id')
    expect(finding?.remedy).toContain('On h2: `rm -f /etc/ssh/ssh_host_*_key* && ssh-keygen -A`')
    expect(finding?.remedy).toContain('--accept host-key-changed:h2')
  })

  it('that were left when only the machine-id was made anew are a warning of their own', () => {
    const [finding, ...more] = found(
      own('h1', { machine_id: 'one', host_keys: keys }),
      own('h2', { machine_id: 'two', host_keys: keys }),
      own('h3', { machine_id: 'three', host_keys: ['SHA256:ccc'] }),
      own('h4', { machine_id: 'four', host_keys: keys }),
    )
    expect(more).toEqual([])
    expect(finding).toMatchObject({ name: 'equal-host-keys', severity: 'warning', about: 'nodes h1, h2, h4' })
    expect(finding?.remedy).toContain('On h2, h4: `rm -f /etc/ssh/')
    expect(finding?.remedy).not.toContain('machine-id')
  })

  it.each([
    ['differ', ['SHA256:ccc'], ['SHA256:ddd']],
    ['differ in part', keys, ['SHA256:aaa', 'SHA256:ddd']],
    ['are not told', [], []],
  ])('say nothing where they %s', (_what, one, two) => {
    const seen = found(
      own('h1', { machine_id: 'one', host_keys: one }),
      own('h2', { machine_id: 'two', host_keys: two }),
    )
    expect(seen).toEqual([])
    const cloned = found(own('h1', { host_keys: one }), own('h2', { host_keys: two }))
    expect(cloned.map(({ message }) => message)).toEqual(['they have the same machine-id'])
    expect(cloned[0]?.remedy).not.toContain('ssh')
  })

  it.each([
    ['that does not say its addresses', { addresses: null }],
    ['that has no machine-id', { machine_id: null }],
  ])('tell a machine %s', (_what, over) => {
    const [one, two] = [candidate('h1', { ...over, host_keys: keys }), candidate('h2', { ...over, host_keys: keys })]
    const renamed = { ...two, facts: { ...two.facts, hostname: 'h1' } }
    expect(found(one, renamed).map(({ name }) => name)).toEqual(['same-machine'])
    const another = { ...renamed, facts: { ...renamed.facts, host_keys: ['SHA256:ccc'] } }
    expect(found(one, another).map(({ name }) => name)).not.toContain('same-machine')
  })
})
