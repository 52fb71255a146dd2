import { type HostFacts, hostFacts } from './host/facts.ts'
import { type ClusterArguments, type NodeArguments, stageArguments } from './arguments.ts'
import type { ReachedHost } from './observeCluster.ts'
import type { Node } from '../../kubernetes/resources.ts'

/** A cluster of one server and one worker, with what is other than usual. */
export const clusterOf = (more: object = {}): ClusterArguments =>
  stageArguments.shape.cluster.parse({
    name: 'demo',
    distribution: 'kubespray',
    version: '1.34.1',
    kubespray: { source: { folder: '/k' } },
    nodes: [
      { hostname: 'm1', role: 'initial_master', internal_ip: '10.0.0.11' },
      { hostname: 'w1', role: 'worker', internal_ip: '10.0.0.21' },
    ],
    ...more,
  })

const disk = {
  path: '/',
  mount: '/',
  free_mib: 50_000,
  size_mib: 60_000,
  inodes_free: 1000,
  read_only: false,
  noexec: false,
}
const file = Buffer.from('a CA').toString('base64')
/** SHA-256 of that file. */
export const knownCa = '7b30aa35f85a70cbeb3b827a3238b761363b5f07fc81bc28944779dd603ba242'

/** A fresh machine, with what is other than usual. */
export const factsOf = (hostname: string, more: object = {}): HostFacts => ({
  ...hostFacts.parse({
    hostname,
    machine_id: `id-of-${hostname}`,
    product_uuid: null,
    os: { id: 'debian', version_id: '12', name: 'Debian' },
    arch: 'x86_64',
    kernel: '6.1',
    cpus: 4,
    memory_mib: 8192,
    swap_mib: 0,
    python: { path: '/usr/bin/python3', version: '3.11.2' },
    uid: 0,
    listening: [],
    addresses: null,
    interfaces: null,
    boot_id: null,
    host_keys: [],
    selinux: 'disabled',
    apparmor: false,
    firewall: { firewalld: false, ufw: false },
    fence: null,
    time: { started: 0, finished: 0 },
    disks: { root: disk, data: disk },
    kubernetes: { ca: null, kubelet: false, admin: false, others: [] },
    etcd: { name: null, data: false, told: null },
    ...more,
  }),
  clock_skew: 0,
  round_trip: 0,
})

/** A node of a cluster that was made; `etcd`: what its member says. */
export const memberFacts = (hostname: string, etcd: object = {}): HostFacts =>
  factsOf(hostname, {
    kubernetes: { ca: file, kubelet: true, admin: true, others: [] },
    etcd: { name: null, data: false, told: null, ...etcd },
  })

export const seenAs = (node: NodeArguments, facts: HostFacts): ReachedHost => ({ node, facts, error: null })

/** A Node as the API shows it. */
export const nodeOf = (name: string, version = 'v1.34.1', ready = 'True'): Node => ({
  metadata: { name, uid: `uid-of-${name}`, resourceVersion: '1' },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: ready, message: 'as told' }], nodeInfo: { kubeletVersion: version } },
})
