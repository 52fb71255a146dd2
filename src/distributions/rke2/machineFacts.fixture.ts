import { caHash } from './host/caHash.ts'
import type { EtcdFacts, EtcdMemberFacts } from '../etcdFacts.ts'
import type { HostFacts } from './host/facts.ts'

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

/** The file with the CA of the clusters of these tests, and what a token says of it. */
export const caFile = Buffer.from('the CA of the cluster')
export const knownCa = caHash(caFile)
export const knownEtcd = 'e7cd'

/** As it is kept: under the CA of a file, for an endpoint. */
export const keptKubeconfig = (authority = caFile, url = 'https://10.0.0.0:6443') => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${authority.toString('base64')}
    server: ${url}
  name: demo
`

/** Members of etcd by the names of their nodes, all of them voters that answer. */
export const etcdOf = (own: string, ...others: readonly string[]): EtcdFacts => ({
  cluster_id: knownEtcd,
  member_id: idOf(own),
  members: [own, ...others].map(etcdMember),
})
export const etcdMember = (node: string): EtcdMemberFacts => ({
  id: idOf(node),
  name: `${node}-0a0a0a0a`,
  learner: false,
  peer_urls: [`https://${node}.example:2380`],
  healthy: true,
})
const idOf = (node: string): string => Buffer.from(node).toString('hex').slice(0, 16)

/** A server that is a member and whose API answers. */
export const serverFacts = (hostname: string, ...others: readonly string[]): HostFacts =>
  machineFacts({
    hostname,
    data: { ...machineFacts().data, exists: true, server: true, agent: true, etcd_member: true, ca_hash: knownCa },
    services: { 'rke2-server': runningService, 'rke2-agent': stoppedService },
    cluster: { ready: true, error: null, nodes: [], etcd: etcdOf(hostname, ...others) },
  })

const disk = {
  path: '/',
  mount: '/',
  free_mib: 90_000,
  size_mib: 100_000,
  inodes_free: null,
  read_only: false,
  noexec: false,
}

/** A machine with none of the services that stand in RKE2's way. */
export const plainSettings: HostFacts['host_settings'] = {
  on: [],
  turned_off: [],
  pending: [],
  network_manager: { there: false, own: null },
  fapolicyd: { there: false, own: null, loaded: true, takes_rules: true },
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
  disks: { data: disk, prefix: disk, tmp: disk, uploads: disk },
  python: { path: '/usr/bin/python3', version: '3.11.2' },
  uid: 0,
  listening: [],
  addresses: null,
  interfaces: null,
  boot_id: null,
  host_keys: [],
  prepared: {
    cgroup_controllers: ['cpu', 'cpuset', 'io', 'memory', 'pids'],
    missing_modules: [],
    etcd_user: false,
    etcd_group: false,
    cis_parameters: null,
    kernel_parameters: {},
    later_parameters: [],
  },
  selinux: 'disabled',
  selinux_policy: false,
  apparmor: false,
  fapolicyd: { active: false, allows_rke2: false },
  firewall: { firewalld: false, ufw: false },
  network_manager: { active: false, ignores_cni: false, cloud_setup: false },
  host_settings: plainSettings,
  tools: [],
  vip: {
    keepalived: null,
    installer: 'apt-get',
    files: [],
    pending: false,
    service: { ...stoppedService, load: 'not-found' },
  },
  services: { 'rke2-server': stoppedService, 'rke2-agent': stoppedService },
  effective: { 'rke2-server': plainService, 'rke2-agent': plainService },
  release: { version: null, prefix: null, complete: false, rpm: false, cached: [] },
  config: [],
  own_files: { found: [], manifests: [], missing: [] },
  data: {
    path: '/var/lib/rancher/rke2',
    exists: false,
    etcd_member: false,
    etcd_name: null,
    server: false,
    agent: false,
    server_token: false,
    ca_hash: null,
    node_password: false,
  },
  certificate: null,
  fence: null,
  leftovers: [],
  foreign_cni: [],
  cluster: null,
  time: { started: 0, finished: 0 },
  clock_skew: 0,
  round_trip: 0,
  ...over,
})
