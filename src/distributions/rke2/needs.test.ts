import { describe, expect, it } from 'vitest'
import type { HostFacts } from './host/facts.ts'
import { addressFindings } from './addresses.ts'
import { machineFacts } from './machineFacts.fixture.ts'
import { needFindings } from './needs.ts'

const node = { hostname: 'm1', internal_ip: '10.0.0.1', role: 'master' as const }
const prepared = machineFacts().prepared
const found = (over: Partial<HostFacts>, more: object = {}) => needFindings({ node, facts: machineFacts(over) }, more)

describe('what RKE2 needs of a kernel', () => {
  it.each([
    ['memory', 'cgroup_enable=memory'],
    ['pids', 'cgroup_disable='],
    ['cpu', 'cgroup_disable='],
    ['cpuset', 'cgroup_disable='],
  ])('the cgroup controller %s', (name, way) => {
    const cgroup_controllers = ['cpu', 'cpuset', 'memory', 'pids'].filter(other => other !== name)
    const [finding] = found({ prepared: { ...prepared, cgroup_controllers } })
    expect(finding).toMatchObject({ name: 'cgroup-missing', severity: 'error' })
    expect(finding?.message).toContain(`controller ${name} is not there`)
    expect(finding?.remedy).toContain(way)
  })

  it('is not asked for where the host does not say, nor controllers that RKE2 can do without', () => {
    expect(found({ prepared: { ...prepared, cgroup_controllers: null } })).toEqual([])
    expect(found({ prepared: { ...prepared, cgroup_controllers: ['cpu', 'cpuset', 'memory', 'pids'] } })).toEqual([])
  })

  it('are modules that can be loaded', () => {
    const [finding] = found({ prepared: { ...prepared, missing_modules: ['br_netfilter'] } })
    expect(finding).toMatchObject({ name: 'module-missing', message: expect.stringContaining('br_netfilter') })
  })
})

describe('container networks of others', () => {
  const cni = (path: string, owner: string | null, more = {}) =>
    found({ foreign_cni: [{ path: `/etc/cni/net.d/${path}`, owner }] }, more)
  it.each([
    ['87-podman-bridge.conflist', 'Podman'],
    ['100-crio-bridge.conflist', 'CRI-O'],
    ['nerdctl-bridge.conflist', 'nerdctl'],
    ['99-loopback.conf', null],
  ])('%s is a warning that names whose it is', (path, owner) => {
    const [finding] = cni(path, owner)
    expect(finding).toMatchObject({ name: 'foreign-cni', severity: 'warning' })
    expect(finding?.message).toContain(`${path} is a container network of ${owner ?? 'somebody else'}`)
  })

  it('are an error where containerd would take them before RKE2’s own', () => {
    expect(cni('00-bridge.conflist', null)[0]).toMatchObject({ name: 'foreign-cni-first', severity: 'error' })
    expect(cni('06-x.conflist', null)[0]?.severity).toBe('error')
    expect(cni('06-x.conflist', null, { cluster_vars: { cni: 'cilium' } })[0]?.severity).toBe('warning')
    expect(cni('00-x.conflist', null, { cluster_vars: { cni: 'multus,cilium' } })[0]?.severity).toBe('error')
    expect(cni('06-x.conflist', null, { cluster_vars: { cni: 'multus,cilium' } })[0]?.severity).toBe('warning')
  })
})

describe('the address between the nodes', () => {
  const of = (internal_ip: string, addresses: string[] | null, more = {}) =>
    addressFindings({ node: { ...node, internal_ip, ...more }, facts: machineFacts({ addresses }) })

  it('is one of the machine’s', () => {
    const [finding] = of('10.0.0.99', ['10.0.0.1', '192.168.1.4', 'fe80::1'])
    expect(finding).toMatchObject({ name: 'internal-ip-elsewhere', severity: 'error', about: 'node m1' })
    expect(finding?.message).toBe('internal_ip 10.0.0.99 is no address of this machine; it has 10.0.0.1, 192.168.1.4')
    expect(of('10.0.0.1', ['10.0.0.1'])).toEqual([])
    expect(of('10.0.0.1', null)).toEqual([])
  })

  it('may be of either family, in any spelling, and of both', () => {
    expect(of('fd00:0:0::0011', ['10.0.0.1', 'fd00::11'])).toEqual([])
    expect(of('10.0.0.1,FD00::11', ['10.0.0.1', 'fd00::11'])).toEqual([])
    expect(of('10.0.0.1,fd00::12', ['10.0.0.1', 'fd00::11'])[0]?.message).toContain('internal_ip fd00::12 is')
  })

  it('says nothing of the address from outside', () => {
    expect(of('10.0.0.1', ['10.0.0.1'], { external_ip: '203.0.113.7', use_external_ip: true })).toEqual([])
  })
})
