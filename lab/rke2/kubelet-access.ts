import { isStatus, type KubernetesApi } from './kubernetes-api.ts'

// kwok lists what a kubelet asks for by name only: leases and nodes. What it may write is NodeRestriction's affair as ever.

const name = 'rke2-lab-kubelet'
const group = 'rbac.authorization.k8s.io'

/** Lets the group of nodes read what kwok needs beside a kubelet's own rights. */
export async function grantKubeletAccess(api: KubernetesApi): Promise<void> {
  const role = {
    metadata: { name },
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'list', 'watch'] },
    ],
  }
  const binding = {
    metadata: { name },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name },
    subjects: [{ apiGroup: group, kind: 'Group', name: 'system:nodes' }],
  }
  for (const [kind, object] of [
    ['clusterroles', role],
    ['clusterrolebindings', binding],
  ] as const) {
    try {
      await api.post(`/apis/${group}/v1/${kind}`, object)
    } catch (error) {
      if (!isStatus(error, 409)) throw error
    }
  }
}
