import { familyOf } from '../../../domain/addresses.ts'
import { ownFileMark } from '../files/hostFiles.ts'

export const defaultImage = 'ghcr.io/kube-vip/kube-vip:v1.0.3'

export const podPath = (dataDir: string): string => `${dataDir}/agent/pod-manifests/kube-vip.yaml`

interface KubeVipSettings {
  readonly hostname: string
  readonly address: string
  readonly vipInterface: string
  readonly image: string
}

/**
 * A static pod on each server: it goes with its file, and asks the API server of its own machine for the lease, so that it
 * loses it where that one does not serve.
 */
export function kubeVipText({ hostname, address, vipInterface, image }: KubeVipSettings): string {
  const settings: Readonly<Record<string, string>> = {
    vip_arp: 'true',
    vip_interface: vipInterface,
    vip_subnet: familyOf(address) === 6 ? '128' : '32',
    address,
    port: '6443',
    cp_enable: 'true',
    cp_namespace: 'kube-system',
    vip_nodename: hostname,
    vip_leaderelection: 'true',
    vip_leasename: 'slipway-vip',
    vip_leaseduration: '5',
    vip_renewdeadline: '3',
    vip_retryperiod: '1',
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kube-vip', namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'kube-vip' } },
    spec: {
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      // It asks for the API by this name, which is in the certificate of each server.
      hostAliases: [{ ip: '127.0.0.1', hostnames: ['kubernetes'] }],
      containers: [
        {
          name: 'kube-vip',
          image,
          imagePullPolicy: 'IfNotPresent',
          args: ['manager'],
          env: Object.entries(settings).map(([name, value]) => ({ name, value })),
          securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } },
          volumeMounts: [{ name: 'kubeconfig', mountPath: '/etc/kubernetes/admin.conf', readOnly: true }],
        },
      ],
      volumes: [{ name: 'kubeconfig', hostPath: { path: '/etc/rancher/rke2/rke2.yaml', type: 'File' } }],
    },
  }
  return `${ownFileMark}\n${JSON.stringify(pod, null, 2)}\n`
}
