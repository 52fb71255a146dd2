import { nameServer } from './name-server.ts'
import { podsAreReal } from './real-pods.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

/** What RKE2 deploys by itself, as far as the rest of a cluster can see it: the workloads, which kwok lets run. */
interface Packaged {
  /** The name that `disable:` knows, and that of the manifest. */
  name: string
  kind: 'Deployment' | 'DaemonSet'
  workload: string
}

const networks: Record<string, string> = {
  canal: 'rke2-canal',
  calico: 'calico-node',
  cilium: 'cilium',
  flannel: 'kube-flannel-ds',
}

const always = ['rke2-coredns', 'rke2-ingress-nginx', 'rke2-metrics-server']
const imageOf = (name: string) => `rancher/${name}:${version.replace('+', '-')}`

/** Images of all that can be deployed; a host that joins does not know what is. */
export const packagedImages = [...Object.keys(networks).map(name => `rke2-${name}`), ...always].map(imageOf)

/** The packaged components that these settings ask for, and those that they disable. */
export function packagedComponents(settings: Settings): { wanted: Packaged[]; disabled: string[] } {
  const network = settings.cni.find(name => name !== 'multus') ?? 'canal'
  const all: Packaged[] = [
    ...(network === 'none'
      ? []
      : [{ name: `rke2-${network}`, kind: 'DaemonSet' as const, workload: networks[network] ?? network }]),
    { name: 'rke2-coredns', kind: 'Deployment', workload: 'rke2-coredns-rke2-coredns' },
    { name: 'rke2-ingress-nginx', kind: 'DaemonSet', workload: 'rke2-ingress-nginx-controller' },
    { name: 'rke2-metrics-server', kind: 'Deployment', workload: 'rke2-metrics-server' },
  ]
  return {
    wanted: all.filter(({ name }) => !settings.disable.includes(name)),
    disabled: all.map(({ name }) => name).filter(name => settings.disable.includes(name)),
  }
}

export function manifestOf({ name, kind, workload }: Packaged, settings: Settings): object[] {
  if (podsAreReal && name === 'rke2-coredns') return nameServer(settings)
  const labels = { 'k8s-app': workload, 'app.kubernetes.io/managed-by': 'rke2' }
  const everywhere = name === 'rke2-ingress-nginx' ? [] : [{ operator: 'Exists' }]
  const manifest = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: workload, namespace: 'kube-system', labels },
    spec: {
      ...(kind === 'Deployment' ? { replicas: 1 } : {}),
      selector: { matchLabels: { 'k8s-app': workload } },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations:
            kind === 'DaemonSet'
              ? everywhere
              : [
                  { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
                  { key: 'node-role.kubernetes.io/etcd', operator: 'Exists', effect: 'NoExecute' },
                  { key: 'CriticalAddonsOnly', operator: 'Exists' },
                ],
          containers: [{ name: workload, image: imageOf(name) }],
        },
      },
    },
  }
  return [manifest]
}
