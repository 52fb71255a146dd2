import type { Finding } from '../../domain/errors.ts'
import { canonicalAddress } from '../../domain/addresses.ts'
import { internalAddresses } from './addresses.ts'
import type { ClusterArguments, NodeArguments } from './arguments.ts'
import type { Candidate } from './candidate.ts'

interface NeededPort {
  readonly port: number
  /** Where RKE2 listens: on every address, on the loopback, or on the loopback and the node's own. */
  readonly on: 'every' | 'loopback' | 'own'
  readonly what: string
}

const onEveryNode: readonly NeededPort[] = [
  { port: 10250, on: 'every', what: 'kubelet' },
  { port: 10248, on: 'loopback', what: 'kubelet' },
  { port: 10010, on: 'loopback', what: 'containerd' },
]
const ofProxy: readonly NeededPort[] = [
  { port: 10256, on: 'every', what: 'kube-proxy' },
  { port: 10249, on: 'loopback', what: 'kube-proxy' },
]
const onServers: readonly NeededPort[] = [
  { port: 6443, on: 'every', what: 'the API server' },
  { port: 9345, on: 'every', what: 'rke2 server' },
  { port: 2379, on: 'own', what: 'etcd' },
  { port: 2380, on: 'own', what: 'etcd' },
  { port: 2381, on: 'own', what: 'etcd' },
  { port: 2382, on: 'loopback', what: 'etcd' },
  { port: 10257, on: 'loopback', what: 'kube-controller-manager' },
  { port: 10259, on: 'loopback', what: 'kube-scheduler' },
]
const cloudController: NeededPort = { port: 10258, on: 'loopback', what: 'the cloud controller' }

/** RKE2's own load balancer on an agent: one port for the supervisor, and the one below for the API. */
const onAgents = (port: number): readonly NeededPort[] => [
  { port, on: 'loopback', what: 'RKE2’s load balancer' },
  { port: port - 1, on: 'loopback', what: 'RKE2’s load balancer' },
]

export function portsNeededOn(
  node: NodeArguments,
  { cluster_vars }: Pick<ClusterArguments, 'cluster_vars'>,
): NeededPort[] {
  const settings = { ...cluster_vars, ...node.node_vars }
  const always = [...onEveryNode, ...(cluster_vars?.['disable-kube-proxy'] ? [] : ofProxy)]
  if (node.role === 'worker') return [...always, ...onAgents(settings['lb-server-port'] ?? 6444)]
  return [...always, ...onServers, ...(cluster_vars?.['disable-cloud-controller'] ? [] : [cloudController])]
}

/** Ports that somebody else holds where RKE2 would listen; on another address of the machine they are in nobody's way. */
export function portsTaken({ node, facts }: Candidate, cluster: ClusterArguments): Finding[] {
  const own = new Set(internalAddresses(node))
  const collides = (address: string, on: NeededPort['on']): boolean => {
    if (on === 'every' || address === '0.0.0.0' || address === '::') return true
    const loopback = address === '::1' || address.startsWith('127.')
    return loopback || (on === 'own' && own.has(canonicalAddress(address)))
  }
  return portsNeededOn(node, cluster).flatMap(({ port, on, what }): Finding[] => {
    const taken = facts.listening.find(
      each => each.port === port && each.addresses.some(address => collides(address, on)),
    )
    if (!taken) return []
    const local = on === 'loopback' ? ' on the loopback' : ''
    return [
      {
        name: 'port-taken',
        severity: 'error',
        about: `node ${node.hostname}`,
        message: `port ${port} is taken by ${taken.process ?? 'another process'} (${taken.addresses.join(', ')})`,
        remedy: `Stop that process, or let it listen elsewhere: ${what} needs the port${local}.`,
      },
    ]
  })
}
