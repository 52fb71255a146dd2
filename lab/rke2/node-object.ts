import { arch, cpus, release, totalmem } from 'node:os'
import type { Settings } from './settings.ts'

/** What the stand-in gives a host to schedule on: more than the machine has, as its pods use nothing. */
const capacity = { cpu: '16', memory: '64Gi', pods: '250', 'ephemeral-storage': '200Gi' }

function pair(text: string): [string, string] {
  const split = text.indexOf('=')
  return split < 0 ? [text, ''] : [text.slice(0, split), text.slice(split + 1)]
}

/** `key=value:Effect` → a taint. */
export function taintOf(text: string): { key: string; value: string; effect: string } {
  const colon = text.lastIndexOf(':')
  const [key, value] = pair(text.slice(0, colon))
  return { key, value, effect: text.slice(colon + 1) }
}

/** The labels a kubelet gives its own Node. */
export function nodeLabels(settings: Settings): Record<string, string> {
  const architecture = arch() === 'x64' ? 'amd64' : arch()
  return {
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/instance-type': 'rke2',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': settings.nodeName,
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': 'rke2',
    ...Object.fromEntries(settings.nodeLabels.map(pair)),
  }
}

function nodeAddresses(settings: Settings): { type: string; address: string }[] {
  return [
    ...[settings.nodeIp, ...settings.moreNodeIps].map(address => ({ type: 'InternalIP', address })),
    ...settings.nodeExternalIps.map(address => ({ type: 'ExternalIP', address })),
    { type: 'Hostname', address: settings.nodeName },
  ]
}

export function nodeStatus(settings: Settings, version: string, osImage: string): object {
  return {
    addresses: nodeAddresses(settings),
    capacity,
    allocatable: capacity,
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: arch() === 'x64' ? 'amd64' : arch(),
      bootID: '',
      containerRuntimeVersion: 'containerd://2.1.4-k3s1',
      kernelVersion: release(),
      kubeletVersion: version,
      kubeProxyVersion: '',
      machineID: '',
      operatingSystem: 'linux',
      osImage,
      systemUUID: '',
    },
  }
}

/** What a real kubelet must find in its Node: with no room for pods it refuses the static ones for good. The rest it tells itself. */
export function beforeKubelet(settings: Settings): object {
  const room = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: '110' }
  return { addresses: nodeAddresses(settings), capacity: room, allocatable: room }
}

/** The Node as a kubelet registers it: taints act here and never again. */
export function nodeObject(settings: Settings): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: settings.nodeName,
      labels: nodeLabels(settings),
      annotations: { 'rke2.io/hostname': settings.nodeName },
    },
    spec: { providerID: `rke2://${settings.nodeName}`, taints: settings.nodeTaints.map(taintOf) },
  }
}
