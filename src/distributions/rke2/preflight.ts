import type { AcceptableWarning } from '../../domain/findingCatalogue.ts'
import type { Finding } from '../../domain/errors.ts'
import type { FindingName } from '../../domain/findingCatalogue.ts'
import type { HostFacts } from './host/facts.ts'
import { addressFindings } from './addresses.ts'
import type { ClusterArguments } from './arguments.ts'
import type { Candidate } from './candidate.ts'
import { hardeningFindings } from './hardening.ts'
import { hostSettingFindings } from './machine/settingFindings.ts'
import { needFindings } from './needs.ts'
import { portsTaken } from './portsTaken.ts'
import { twinFindings } from './twins.ts'

const defaults = {
  min_cpus: 2,
  min_server_memory_mib: 4096,
  min_agent_memory_mib: 2048,
  min_disk_free_mib: 2048,
  max_clock_skew_s: 5,
}

/**
 * Everything about new machines that would make an installation fail or misbehave (C10), all at once. Pure.
 * Errors block; warnings can be accepted by their name.
 */
export function preflightFindings(
  candidates: readonly Candidate[],
  everyone: readonly Candidate[],
  cluster: ClusterArguments,
): Finding[] {
  return [
    ...candidates.flatMap(candidate => [
      ...hostFindings(candidate, cluster),
      ...portsTaken(candidate, cluster),
      ...needFindings(candidate, cluster),
      ...hostSettingFindings(candidate, cluster),
      ...hardeningFindings(candidate, cluster),
    ]),
    ...everyone.flatMap(addressFindings),
    ...twinFindings(everyone),
  ]
}

function hostFindings({ node, facts }: Candidate, cluster: ClusterArguments): Finding[] {
  const about = `node ${node.hostname}`
  const wanted = cluster.preflight
  const limits = {
    cpus: wanted?.min_cpus ?? defaults.min_cpus,
    disk: wanted?.min_disk_free_mib ?? defaults.min_disk_free_mib,
    skew: wanted?.max_clock_skew_s ?? defaults.max_clock_skew_s,
  }
  const server = node.role !== 'worker'
  const memory =
    cluster.preflight?.min_memory_mib ?? (server ? defaults.min_server_memory_mib : defaults.min_agent_memory_mib)
  const found: Finding[] = []
  const error = (name: FindingName, message: string, remedy: string) =>
    found.push({ name, severity: 'error', about, message, remedy })
  const warning = (name: AcceptableWarning, message: string, remedy: string) =>
    found.push({ name, severity: 'warning', about, message, remedy })

  if (facts.os.id === 'linux')
    warning(
      'os-unknown',
      'the operating system cannot be told',
      'RKE2 supports the common Linux distributions with systemd.',
    )
  if (!['x86_64', 'amd64', 'aarch64', 'arm64'].includes(facts.arch))
    error('arch-unsupported', `RKE2 has no release for ${facts.arch}`, 'Use an amd64 or arm64 machine.')
  if (facts.cpus < limits.cpus)
    warning(
      'few-cpus',
      `${facts.cpus} CPU(s), wanted are ${limits.cpus}`,
      'Give the machine more, or set preflight.min_cpus.',
    )
  if (facts.memory_mib < memory)
    warning(
      'little-memory',
      `${facts.memory_mib} MiB of memory, wanted are ${memory}`,
      'Give the machine more, or set preflight.min_memory_mib.',
    )
  if (!runsModules(facts.python.version))
    error(
      'python-too-old',
      `its newest Python is ${facts.python.version}, Ansible’s modules need 3.8`,
      'Install a newer one beside it (python3.11 or the like); the system’s own may stay as it is.',
    )
  for (const { name, message, remedy } of diskFaults(facts, limits.disk)) error(name, message, remedy)
  if (Math.abs(facts.clock_skew) > limits.skew)
    error(
      'clock-skew',
      `the clock is off by ${facts.clock_skew.toFixed(1)} s`,
      'Run a time service (chrony): certificates and etcd need equal clocks.',
    )
  if (facts.swap_mib > 0)
    warning(
      'swap-on',
      `${facts.swap_mib} MiB of swap are on`,
      'Turn swap off: kubelet’s memory limits do not hold with it.',
    )
  if (facts.selinux === 'enforcing' && !facts.selinux_policy)
    warning(
      'selinux-enforcing',
      'SELinux is enforcing, and RKE2’s policy is not installed',
      'Install the package rke2-selinux (and set `selinux: true` in extra), or make SELinux permissive.',
    )
  return found
}

/** What ansible-core 2.18 asks of a host. */
function runsModules(python: string): boolean {
  const [major = 0, minor = 0] = python.split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 8)
}

/** Two folders on one file system share its fault; it is told once. */
function diskFaults({ disks }: HostFacts, needed: number): Pick<Finding, 'name' | 'message' | 'remedy'>[] {
  const faults = [disks.data, disks.prefix].flatMap(disk =>
    faultsOf(disk, needed).map(fault => ({ ...fault, key: `${fault.name} ${disk.mount}` })),
  )
  return [...Map.groupBy(faults, ({ key }) => key).values()].flatMap(([first]) => first ?? [])
}

function faultsOf(disk: HostFacts['disks']['data'], needed: number): Pick<Finding, 'name' | 'message' | 'remedy'>[] {
  const noexec: Pick<Finding, 'name' | 'message' | 'remedy'> = {
    name: 'disk-noexec',
    message: `${disk.path} is mounted noexec`,
    remedy: 'RKE2 runs programs from there: mount it without noexec.',
  }
  return [...roomFaults(disk, needed), ...(disk.noexec ? [noexec] : [])]
}

function roomFaults(
  { path, read_only, inodes_free, free_mib }: HostFacts['disks']['data'],
  needed: number,
): Pick<Finding, 'name' | 'message' | 'remedy'>[] {
  if (read_only)
    return [{ name: 'disk-read-only', message: `${path} is read-only`, remedy: 'Mount it writable, or set data-dir.' }]
  if (inodes_free === 0)
    return [
      { name: 'disk-full', message: `no inode is free on ${path}`, remedy: 'Remove files there, or set data-dir.' },
    ]
  if (free_mib >= needed) return []
  return [
    {
      name: 'disk-full',
      message: `${free_mib} MiB free on ${path}, needed are ${needed}`,
      remedy: 'Free space, or set data-dir or preflight.min_disk_free_mib.',
    },
  ]
}
