import { createHash } from 'node:crypto'
import { at, text } from './json.ts'
import { isStatus, type KubernetesApi } from './kubernetes-api.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

const onServers = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager']

/** Names of what runs as static pods on a host. */
export function staticPods(settings: Settings): string[] {
  const proxy = settings.shared['disable-kube-proxy'] === 'true' ? [] : ['kube-proxy']
  return settings.role === 'server' ? [...onServers, ...proxy] : proxy
}

/** Shows the host's static pods in the API, as a kubelet does: mirror pods that an eviction does not end. */
export async function mirrorStaticPods(api: KubernetesApi, settings: Settings): Promise<void> {
  const uid = text(at(await api.get(`/api/v1/nodes/${settings.nodeName}`), 'metadata', 'uid'))
  for (const component of staticPods(settings)) {
    const hash = createHash('sha256').update(`${settings.nodeName} ${component} ${version}`).digest('hex').slice(0, 32)
    try {
      await api.post('/api/v1/namespaces/kube-system/pods', {
        metadata: {
          name: `${component}-${settings.nodeName}`,
          labels: { component, tier: 'control-plane' },
          annotations: {
            'kubernetes.io/config.hash': hash,
            'kubernetes.io/config.mirror': hash,
            'kubernetes.io/config.source': 'file',
          },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: settings.nodeName, uid, controller: true }],
        },
        spec: {
          nodeName: settings.nodeName,
          hostNetwork: true,
          priorityClassName: 'system-cluster-critical',
          tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
          containers: [{ name: component, image: `rancher/hardened-${component}:${version.replace('+', '-')}` }],
        },
      })
    } catch (error) {
      if (!isStatus(error, 409)) throw error
    }
  }
}
