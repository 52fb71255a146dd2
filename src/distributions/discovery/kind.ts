import type { Node } from '../../kubernetes/resources.ts'
import { isControlPlane } from './roles.ts'

/** Whose way of making clusters it was, as `spec.distribution` names it. */
export const clusterKinds = ['rke2', 'k3s', 'kubespray', 'kubeadm', 'eks', 'gke', 'aks', 'doks', 'unknown'] as const
export type ClusterKind = (typeof clusterKinds)[number]

/** What a cluster shows of who has made it. */
export interface Signs {
  readonly nodes: readonly Node[]
  /** What its API server calls itself: `v1.34.1+rke2r1`. */
  readonly version: string
  /** `ClusterConfiguration` of kube-system/kubeadm-config; null: there is none, or it may not be read. */
  readonly kubeadm: string | null
}

interface Mark {
  readonly kind: ClusterKind
  /** Of a kubelet, or of the API server. */
  readonly version?: RegExp
  /** Key of a label or annotation. */
  readonly key?: RegExp
  readonly providerID?: RegExp
}

/**
 * The first that fits counts. A version names who has built Kubernetes, and is there on whatever cloud; an id of a
 * provider alone says only whose machine it is, but for clouds in which every machine of a managed cluster is named so.
 * Sources: the releases of RKE2 and K3s, and the documentation of EKS, GKE, AKS and DOKS on what their Nodes carry.
 */
const marks: readonly Mark[] = [
  { kind: 'rke2', version: /\+rke2r\d+$/ },
  { kind: 'k3s', version: /\+k3s\d+$/ },
  { kind: 'eks', version: /-eks-[0-9a-f]+$/, key: /^eks\.amazonaws\.com\// },
  { kind: 'gke', version: /-gke\.\d+$/, key: /^cloud\.google\.com\/gke-nodepool$/ },
  {
    kind: 'aks',
    key: /^kubernetes\.azure\.com\/(cluster|agentpool)$/,
    providerID: /^azure:\/\/.*\/(virtualMachineScaleSets|virtualMachines)\/aks-/i,
  },
  { kind: 'doks', key: /^doks\.digitalocean\.com\// },
  { kind: 'kubeadm', key: /^kubeadm\.alpha\.kubernetes\.io\/cri-socket$/ },
]

/** Kubespray runs kubeadm, with folders of its own for certificates. */
const kubesprayFolders =
  /^\s*(certificatesDir:\s*["']?\/etc\/kubernetes\/ssl\b|(caFile|certFile):\s*["']?\/etc\/ssl\/etcd\/ssl\/)/m

/** Tells by whom a cluster was made. Nodes of the control plane decide where there are any; who contradict each other are unknown. Pure. */
export function kindOf({ nodes, version, kubeadm }: Signs): ClusterKind {
  const servers = nodes.filter(isControlPlane)
  const kinds = new Set((servers.length > 0 ? servers : nodes).map(markOf))
  const [kind, ...others] = kinds
  if (others.length > 0) return 'unknown'
  const told = kind ?? marks.find(mark => mark.version?.test(version))?.kind
  if (kubeadm !== null && (told === undefined || told === 'kubeadm'))
    return kubesprayFolders.test(kubeadm) ? 'kubespray' : 'kubeadm'
  return told ?? 'unknown'
}

function markOf({ metadata, spec, status }: Node): ClusterKind | undefined {
  const keys = [...Object.keys(metadata.labels ?? {}), ...Object.keys(metadata.annotations ?? {})]
  return marks.find(
    mark =>
      mark.version?.test(status?.nodeInfo?.kubeletVersion ?? '') ||
      keys.some(key => mark.key?.test(key)) ||
      mark.providerID?.test(spec.providerID ?? ''),
  )?.kind
}
