import type { AcceptableWarning, FindingName } from '../../domain/findingCatalogue.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { ClusterArguments } from './arguments.ts'
import { type ObservedCluster, reached, type ReachedHost } from './observeCluster.ts'

const defaults = { cpus: 2, server_memory_mib: 2048, agent_memory_mib: 1024, disk_free_mib: 4096, skew_s: 5 }

/** Everything about machines that would make an installation fail or misbehave, all at once. Pure. */
export function preflightFindings(
  { hosts, bootstrap }: Pick<ObservedCluster, 'hosts' | 'bootstrap'>,
  cluster: ClusterArguments,
): Unmet[] {
  const all = reached(hosts)
  return [
    ...hosts.flatMap(({ node, error }): Unmet[] =>
      error === null
        ? []
        : [
            {
              name: error.code,
              severity: 'error',
              about: `node ${node.hostname}`,
              message: error.message,
              remedy: error.remedy.replace(/ A machine can be left out for now, .*$/, ''),
            },
          ],
    ),
    ...all.flatMap(host => [...machineFindings(host, cluster), ...earlierFindings(host, bootstrap.state)]),
    ...equalMachines(all),
  ]
}

function machineFindings({ node, facts }: ReachedHost, { preflight }: ClusterArguments): Unmet[] {
  const found: Unmet[] = []
  const about = `node ${node.hostname}`
  const error = (name: FindingName, message: string, remedy: string) =>
    found.push({ name, severity: 'error', about, message, remedy })
  const warning = (name: AcceptableWarning, message: string, remedy: string) =>
    found.push({ name, severity: 'warning', about, message, remedy })
  const memory =
    preflight?.min_memory_mib ?? (node.role === 'worker' ? defaults.agent_memory_mib : defaults.server_memory_mib)
  const cpus = preflight?.min_cpus ?? defaults.cpus
  const skew = preflight?.max_clock_skew_s ?? defaults.skew_s
  const room = preflight?.min_disk_free_mib ?? defaults.disk_free_mib
  if (!['x86_64', 'amd64', 'aarch64', 'arm64'].includes(facts.arch))
    error('arch-unsupported', `Kubespray downloads nothing for ${facts.arch}`, 'Use an amd64 or arm64 machine.')
  if (facts.cpus < cpus)
    warning('few-cpus', `${facts.cpus} CPU(s), wanted are ${cpus}`, 'Give the machine more, or set preflight.min_cpus.')
  if (facts.memory_mib < memory)
    warning(
      'little-memory',
      `${facts.memory_mib} MiB of memory, wanted are ${memory}`,
      'Give the machine more, or set preflight.min_memory_mib.',
    )
  if (!/^3\.(?:[89]|\d\d)/.test(facts.python.version))
    error(
      'python-too-old',
      `its newest Python is ${facts.python.version}, Ansible’s modules need 3.8`,
      'Install a newer one beside it (python3.11 or the like); the system’s own may stay as it is.',
    )
  if (Math.abs(facts.clock_skew) > skew)
    error(
      'clock-skew',
      `the clock is off by ${facts.clock_skew.toFixed(1)} s`,
      'Run a time service (chrony): certificates and etcd need equal clocks.',
    )
  const disk = facts.disks.data
  if (disk.read_only) error('disk-read-only', `${disk.path} is read-only`, 'Mount it writable.')
  else if (disk.free_mib < room)
    error(
      'disk-full',
      `${disk.free_mib} MiB free on ${disk.path}, needed are ${room}`,
      'Free space, or set preflight.min_disk_free_mib.',
    )
  return found
}

/** Kubespray would go on with what it finds, whoever it is of: a CA that lies there becomes that of the new cluster. */
function earlierFindings({ node, facts }: ReachedHost, state: ObservedCluster['bootstrap']['state']): Unmet[] {
  const { kubernetes, etcd } = facts
  const own = [
    ...(kubernetes.ca_hash === null && !kubernetes.kubelet ? [] : ['/etc/kubernetes']),
    ...(etcd.data ? ['data of etcd'] : []),
  ]
  const found = [...kubernetes.others, ...(state === 'unused' ? own : [])]
  return found.length === 0
    ? []
    : [
        {
          name: 'earlier-install',
          severity: 'error',
          about: `node ${node.hostname}`,
          message: `an earlier Kubernetes lies on it (${found.join(', ')})`,
          remedy:
            'Use a fresh machine, or uninstall it there: Kubespray’s reset.yml, kubeadm reset, rke2-uninstall.sh or k3s-uninstall.sh, and remove what stays in /etc/kubernetes and /var/lib/etcd.',
        },
      ]
}

function equalMachines(hosts: readonly ReachedHost[]): Unmet[] {
  const first = new Map<string, string>()
  return hosts.flatMap(({ node, facts: { machine_id } }): Unmet[] => {
    if (machine_id === null) return []
    const other = first.get(machine_id)
    if (other === undefined) first.set(machine_id, node.hostname)
    return other === undefined
      ? []
      : [
          {
            name: 'equal-machine-id',
            severity: 'error',
            about: `node ${node.hostname}`,
            message: `it has the machine-id of ${other}: they are one machine, or clones`,
            remedy:
              'Give each node a machine of its own, and a clone a new id: rm -f /etc/machine-id && systemd-machine-id-setup, and boot again.',
          },
        ]
  })
}
