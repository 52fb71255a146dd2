import { describe, expect, it } from 'vitest'
import { machineFacts } from './machineFacts.fixture.ts'
import { preflightFindings } from './preflight.ts'

const cluster = { name: 'demo', distribution: 'rke2' as const, version: 'v1.34.1+rke2r1' }
const node = (hostname: string, role: 'initial_master' | 'worker' = 'initial_master') => ({
  hostname,
  internal_ip: '10.0.0.1',
  role,
})
const names = (
  over: Parameters<typeof machineFacts>[0],
  role: 'initial_master' | 'worker' = 'initial_master',
  preflight = {},
) => {
  const candidate = { node: node('m1', role), facts: machineFacts(over) }
  return preflightFindings([candidate], [candidate], { ...cluster, preflight }).map(
    finding => `${finding.severity} ${finding.name}`,
  )
}
const disks = machineFacts().disks

describe('the preflight', () => {
  it('has nothing to say about a sound machine', () => {
    expect(names({})).toEqual([])
  })

  it.each([
    ['error arch-unsupported', { arch: 'riscv64' }],
    ['warning few-cpus', { cpus: 1 }],
    ['warning little-memory', { memory_mib: 3000 }],
    ['error disk-full', { disks: { ...disks, data: { ...disks.data, free_mib: 100 } } }],
    ['error disk-full', { disks: { ...disks, data: { ...disks.data, inodes_free: 0 } } }],
    ['error disk-read-only', { disks: { ...disks, data: { ...disks.data, read_only: true } } }],
    ['error disk-noexec', { disks: { ...disks, prefix: { ...disks.prefix, noexec: true } } }],
    ['error python-too-old', { python: { path: '/usr/bin/python3', version: '3.6.8' } }],
    ['error nm-cloud-setup', { network_manager: { active: false, ignores_cni: false, cloud_setup: true } }],
    ['warning selinux-enforcing', { selinux: 'enforcing' as const }],
    ['warning fapolicyd-on', { fapolicyd: { active: true, allows_rke2: false } }],
    ['error clock-skew', { clock_skew: -60 }],
    ['warning swap-on', { swap_mib: 512 }],
    ['error port-taken', { listening: [{ port: 6443, addresses: ['0.0.0.0'], process: 'nginx' }] }],
    ['warning firewalld-on', { firewall: { firewalld: true, ufw: false } }],
    ['warning network-manager', { network_manager: { active: true, ignores_cni: false, cloud_setup: false } }],
  ])('finds: %s', (finding, over) => {
    expect(names(over)).toEqual([finding])
  })

  it.each([
    ['an enforcing SELinux with the policy', { selinux: 'enforcing' as const, selinux_policy: true }],
    ['fapolicyd with rules for RKE2', { fapolicyd: { active: true, allows_rke2: true } }],
    ['the oldest Python that runs modules', { python: { path: '/usr/bin/python3.8', version: '3.8' } }],
  ])('is content with %s', (_name, over) => {
    expect(names(over)).toEqual([])
  })

  it('says once what is wrong with a file system that holds both folders', () => {
    const full = { ...disks.data, free_mib: 1 }
    expect(names({ disks: { ...disks, data: full, prefix: full } })).toEqual(['error disk-full'])
    const other = { ...full, mount: '/usr/local' }
    expect(names({ disks: { ...disks, data: full, prefix: other } })).toEqual(['error disk-full', 'error disk-full'])
  })

  it('asks less of an agent than of a server', () => {
    const listening = [{ port: 9345, addresses: ['0.0.0.0'], process: null }]
    expect(names({ memory_mib: 3000, listening }, 'worker')).toEqual([])
  })

  it('takes the thresholds of the cluster file', () => {
    expect(names({ cpus: 1, memory_mib: 600 }, 'worker', { min_cpus: 1, min_memory_mib: 512 })).toEqual([])
  })

  it('finds machines that were cloned, and says all findings of all hosts at once', () => {
    const candidates = ['m1', 'm2'].map(hostname => ({
      node: node(hostname),
      facts: machineFacts({ hostname, swap_mib: 1 }),
    }))
    expect(
      preflightFindings(candidates, candidates, cluster).map(finding => `${finding.name}: ${finding.about}`),
    ).toEqual(['swap-on: node m1', 'swap-on: node m2', 'equal-machine-id: nodes m1, m2'])
  })
})
