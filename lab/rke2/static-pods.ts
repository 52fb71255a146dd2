import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
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

const imageOf = (component: string) => `rancher/hardened-${component}:${version.replace('+', '-')}`

export const staticPodImages = (settings: Settings): string[] => staticPods(settings).map(imageOf)

const labels = (component: string) => ({ component, tier: 'control-plane' })

const specOf = (component: string) => ({
  hostNetwork: true,
  priorityClassName: 'system-cluster-critical',
  tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
  containers: [{ name: component, image: imageOf(component) }],
})

/** Shows the host's static pods in the API, as a kubelet does: mirror pods that an eviction does not end. */
export async function mirrorStaticPods(api: KubernetesApi, settings: Settings): Promise<void> {
  const uid = text(at(await api.get(`/api/v1/nodes/${settings.nodeName}`), 'metadata', 'uid'))
  for (const component of staticPods(settings)) {
    const hash = createHash('sha256').update(`${settings.nodeName} ${component} ${version}`).digest('hex').slice(0, 32)
    try {
      await api.post('/api/v1/namespaces/kube-system/pods', {
        metadata: {
          name: `${component}-${settings.nodeName}`,
          labels: labels(component),
          annotations: {
            'kubernetes.io/config.hash': hash,
            'kubernetes.io/config.mirror': hash,
            'kubernetes.io/config.source': 'file',
          },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: settings.nodeName, uid, controller: true }],
        },
        spec: { ...specOf(component), nodeName: settings.nodeName },
      })
    } catch (error) {
      if (!isStatus(error, 409)) throw error
    }
  }
}

/** Writes the static pods where a real kubelet finds them, and takes away what is none any more. */
export async function writeStaticPods(folder: string, settings: Settings): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const wanted = staticPods(settings)
  for (const file of await readdir(folder)) {
    if (!wanted.includes(file.replace(/\.yaml$/, ''))) await rm(join(folder, file))
  }
  for (const component of wanted) {
    const metadata = { name: component, namespace: 'kube-system', labels: labels(component) }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: specOf(component) }
    await writeFile(join(folder, `${component}.yaml`), stringify(pod))
  }
}
