import { isStatus, type KubernetesApi } from './kubernetes-api.ts'
import { podsAreReal } from './real-pods.ts'

// kwok lists what a kubelet asks for by name only: leases and nodes. What it may write is NodeRestriction's affair as ever.
// A real kube-proxy goes by the kubelet's certificate; in RKE2 it has one of its own.

const name = 'rke2-lab-kubelet'
const group = 'rbac.authorization.k8s.io'

const bind = (name: string, role: string) => ({
  metadata: { name },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
  subjects: [{ apiGroup: group, kind: 'Group', name: 'system:nodes' }],
})

/** Lets the group of nodes read what kwok needs beside a kubelet's own rights, and what kube-proxy does. */
export async function grantKubeletAccess(api: KubernetesApi): Promise<void> {
  const role = {
    metadata: { name },
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch'] },
    ],
  }
  const proxy = podsAreReal
    ? [['clusterrolebindings', bind('rke2-lab-kube-proxy', 'system:node-proxier')] as const]
    : []
  for (const [kind, object] of [['clusterroles', role], ['clusterrolebindings', bind(name, name)], ...proxy] as const) {
    try {
      await api.post(`/apis/${group}/v1/${kind}`, object)
    } catch (error) {
      if (!isStatus(error, 409)) throw error
    }
  }
}
