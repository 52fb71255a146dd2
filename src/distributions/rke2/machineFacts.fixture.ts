import type { HostFacts } from '../../hosts/facts.ts'

export const stoppedService = {
  load: 'loaded',
  active: 'inactive',
  sub: 'dead',
  enabled: false,
  restarts: 0,
  main_pid: 0,
  started: '',
  result: 'success',
  restart_pending: false,
}
export const runningService = { ...stoppedService, active: 'active', sub: 'running', enabled: true, main_pid: 7 }
/** A service of which nobody but its release and Slipway has said anything. */
export const plainService = { mask: null, shadow: null, settings: [], environment: [] }
const disk = {
  path: '/',
  mount: '/',
  free_mib: 90_000,
  size_mib: 100_000,
  inodes_free: null,
  read_only: false,
  noexec: false,
}

/** Facts of a machine fresh from the shop, with what a test says otherwise. */
export const machineFacts = (over: Partial<HostFacts> = {}): HostFacts => ({
  hostname: 'm1',
  machine_id: 'machine-1',
  product_uuid: null,
  os: { id: 'debian', version_id: '12', name: 'Debian' },
  arch: 'x86_64',
  kernel: '6.1',
  cpus: 4,
  memory_mib: 8192,
  swap_mib: 0,
  disks: { data: disk, prefix: disk, tmp: disk },
  python: { path: '/usr/bin/python3', version: '3.11.2' },
  uid: 0,
  listening: [],
  selinux: 'disabled',
  selinux_policy: false,
  apparmor: false,
  fapolicyd: { active: false, allows_rke2: false },
  firewall: { firewalld: false, ufw: false },
  network_manager: { active: false, ignores_cni: false, cloud_setup: false },
  services: { 'rke2-server': stoppedService, 'rke2-agent': stoppedService },
  effective: { 'rke2-server': plainService, 'rke2-agent': plainService },
  release: { version: null, prefix: null, complete: false, rpm: false, cached: [] },
  config: [],
  data: {
    path: '/var/lib/rancher/rke2',
    exists: false,
    etcd_member: false,
    server: false,
    agent: false,
    server_token: false,
    ca_hash: null,
    node_password: false,
  },
  fence: null,
  leftovers: [],
  cluster: null,
  time: { started: 0, finished: 0 },
  clock_skew: 0,
  round_trip: 0,
  ...over,
})
