import type { HostFacts } from './host/facts.ts'
import type { ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { etcdOf, knownEtcd, machineFacts, runningService, stoppedService } from './machineFacts.fixture.ts'

const hash = (letter: string) => letter.repeat(64)

export const nodeConfig = {
  path: '/etc/rancher/rke2/config.yaml',
  mode: '0600',
  uid: 0,
  size: 1,
  hmac: hash('a'),
  parts: null,
  keys: [],
  server: null,
  marked: false,
  link: null,
  fault: null,
}

/** m1 as a working server of the recorded cluster. */
export const installedFacts = machineFacts({
  services: { 'rke2-server': runningService, 'rke2-agent': stoppedService },
  release: { version: 'v1.34.1+rke2r1', prefix: '/usr/local', complete: true, rpm: false, cached: [] },
  config: [nodeConfig],
  data: {
    ...machineFacts().data,
    exists: true,
    etcd_member: true,
    etcd_name: 'm1-0a0a0a0a',
    server: true,
    agent: true,
    ca_hash: hash('c'),
    node_password: true,
  },
  fence: { epoch: 1, number: 1, installation: 'i', cluster: 'demo' },
})

/** Its Node. */
export const member = {
  name: 'm1',
  ready: true,
  kubelet_version: 'v1.34.1+rke2r1',
  roles: ['etcd'],
  etcd_voter: true,
  labels: {},
  taints: [],
  unschedulable: false,
  addresses: [],
}

export const server = (hostname: string, index = 1) => ({
  hostname,
  internal_ip: `10.0.0.${index}`,
  role: index === 1 ? ('initial_master' as const) : ('master' as const),
})
export const host = (facts: HostFacts, node: ReachedHost['node'] = server('m1')): ReachedHost => ({
  node,
  facts,
  error: null,
})

export const bootstrapRecord = {
  state: 'done' as const,
  machine_id: 'machine-1',
  joiner_started: false,
  ca_hash: hash('c'),
  etcd_cluster: knownEtcd,
}

/** A look at m1, which is alone and answers. */
export const observedCluster = (facts: HostFacts, over: Partial<ObservedCluster> = {}): ObservedCluster => ({
  nodes: [host(facts)],
  servers: [host(facts)],
  authority: server('m1'),
  members: new Map([['m1', member]]),
  etcd: etcdOf('m1'),
  bootstrap: bootstrapRecord,
  unrecorded: null,
  unrecorded_ca: null,
  restored: null,
  rotated: null,
  installation: 'i',
  ...over,
})
