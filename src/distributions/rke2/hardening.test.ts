import { describe, expect, it } from 'vitest'
import type { HostFacts } from './host/facts.ts'
import {
  hardeningChanges,
  hardeningFindings,
  hardeningOf,
  hardeningVariables,
  laterParameters,
  parametersText,
} from './hardening.ts'
import type { ReachedHost } from './observedHost.ts'
import { machineFacts } from './machineFacts.fixture.ts'

const cis = { cluster_vars: { profile: 'cis' as const } }
const prepared = machineFacts().prepared
const right = { 'vm.panic_on_oom': '0', 'vm.overcommit_memory': '1', 'kernel.panic': '10', 'kernel.panic_on_oops': '1' }
const kernel = (over: Partial<typeof right> = {}, writable = true): HostFacts['prepared']['kernel_parameters'] =>
  Object.fromEntries(Object.entries({ ...right, ...over }).map(([name, value]) => [name, { value, writable }]))
const hardened = {
  ...prepared,
  etcd_user: true,
  etcd_group: true,
  cis_parameters: parametersText.trim(),
  kernel_parameters: kernel(),
}
const server = (over: Partial<HostFacts['prepared']> = {}): ReachedHost => ({
  node: { hostname: 'm1', internal_ip: '10.0.0.1', role: 'master' },
  facts: machineFacts({ prepared: { ...prepared, ...over } }),
  error: null,
})
const changes = (over: Partial<HostFacts['prepared']>, role: 'master' | 'worker' = 'master', cluster: object = cis) =>
  hardeningChanges(
    {
      node: { hostname: 'm1', internal_ip: '10.0.0.1', role },
      facts: machineFacts({ prepared: { ...hardened, ...over } }),
      error: null,
    },
    cluster,
  ).map(({ detail }) => detail)

const account = 'the user and group etcd'
const parameters = 'kernel parameters (/etc/sysctl.d/60-rke2-cis.conf)'

it.each([
  ['nothing', hardened, []],
  ['the account', { etcd_user: false }, [account]],
  ['its group', { etcd_group: false }, [account]],
  ['the file', { cis_parameters: null }, [parameters]],
  ['all of the file', { cis_parameters: 'kernel.panic=10' }, [parameters]],
  ['a value that something else has set since', { kernel_parameters: kernel({ 'kernel.panic': '0' }) }, [parameters]],
  ['a value that cannot be set there', { kernel_parameters: kernel({ 'kernel.panic': '0' }, false) }, []],
  ['everything', { etcd_user: false, cis_parameters: null }, [`${account}, ${parameters}`]],
])('a server that lacks %s', (_what, over, expected) => {
  expect(changes(over)).toEqual(expected)
})

describe('parameters that cannot be set on the machine itself', () => {
  const told = (
    parameters: HostFacts['prepared']['kernel_parameters'],
    role: 'master' | 'worker' = 'master',
    cluster: object = cis,
  ) =>
    hardeningFindings(
      {
        node: { hostname: 'm1', internal_ip: '10.0.0.1', role },
        facts: machineFacts({ prepared: { ...prepared, kernel_parameters: parameters } }),
      },
      cluster,
    ).map(({ name, severity, message }) => `${severity} ${name}: ${message.split(', and ')[0]}`)
  const closed = kernel({ 'kernel.panic': '0', 'vm.overcommit_memory': '0' }, false)

  it('are told with what they are, on servers and agents', () => {
    const both = 'warning kernel-parameters: vm.overcommit_memory is 0, kernel.panic is 0'
    expect(told(closed)).toEqual([both])
    expect(told(closed, 'worker')).toEqual([both])
    expect(told({ ...kernel(), 'kernel.panic_on_oops': { value: null, writable: false } })).toEqual([
      'warning kernel-parameters: kernel.panic_on_oops is not there',
    ])
  })

  it('are none where they are right, can be set, or no profile asks for them', () => {
    expect(told(kernel({}, false))).toEqual([])
    expect(told(kernel({ 'kernel.panic': '0' }))).toEqual([])
    expect(told({})).toEqual([])
    expect(told(closed, 'master', {})).toEqual([])
    expect(told(closed, 'master', { cluster_vars: { profile: 'etcd' } })).toEqual([])
  })
})

describe('parameters that others set back at the next boot', () => {
  const later = (value: string, name = 'vm.overcommit_memory') => ({ name, value, file: '/etc/sysctl.d/90-other.conf' })

  it('are told with the file that does it, where a profile asks for other values', () => {
    const [found, ...more] = laterParameters(
      server({ later_parameters: [later('0'), later('10', 'kernel.panic'), later('1', 'vm.panic_on_oom')] }),
      cis,
    )
    expect(more).toEqual([])
    expect(found).toMatchObject({ name: 'kernel-parameters-later', severity: 'warning', about: 'node m1' })
    expect(found?.message).toContain('/etc/sysctl.d/90-other.conf sets vm.overcommit_memory to 0, ')
    expect(found?.message).toContain('vm.panic_on_oom to 1')
    expect(found?.message).not.toContain('kernel.panic ')
  })

  it('are none where they are right, or no profile asks for them', () => {
    expect(laterParameters(server({ later_parameters: [later('1')] }), cis)).toEqual([])
    expect(laterParameters(server({ later_parameters: [later('0')] }), {})).toEqual([])
  })
})

describe('a profile that was taken out of the file', () => {
  const ours = { cis_parameters: parametersText.trim() }

  it('takes the file with the parameters along, where it is ours', () => {
    expect(hardeningChanges(server(ours), {}).map(({ effect, target }) => `${effect} ${target}`)).toEqual([
      'delete node/m1/hardening/parameters',
    ])
    expect(hardeningVariables(server(ours), {})).toEqual({ rke2_etcd_account: false, rke2_drop_parameters: true })
    expect(hardeningChanges(server({ cis_parameters: 'kernel.panic=10' }), {})).toEqual([])
  })

  it('leaves what another profile asks for', () => {
    const etcd = { cluster_vars: { profile: 'etcd' as const } }
    expect(hardeningChanges(server(ours), etcd).map(({ effect }) => effect)).toEqual(['create', 'delete'])
    expect(hardeningVariables(server(ours), etcd)).toMatchObject({ rke2_etcd_account: true })
  })
})

it('agents need no account, and machines without a profile nothing', () => {
  const bare = { etcd_user: false, etcd_group: false, cis_parameters: null }
  expect(changes(bare, 'worker')).toEqual([parameters])
  expect(changes(bare, 'master', {})).toEqual([])
})

it('the profile etcd asks for the account alone, and a node’s own profile counts', () => {
  expect(hardeningOf({ role: 'master' }, { cluster_vars: { profile: 'etcd' } })).toEqual({
    account: true,
    parameters: false,
  })
  expect(hardeningOf({ role: 'worker', node_vars: { profile: 'cis' } }, {})).toEqual({
    account: false,
    parameters: true,
  })
  expect(hardeningVariables(server(), {})).toEqual({})
  expect(hardeningVariables(server(), cis)).toEqual({
    rke2_etcd_account: true,
    rke2_kernel_parameters: parametersText,
  })
})
