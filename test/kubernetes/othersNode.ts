/** A Node as kubeadm and a kubelet make it, as far as a discovery reads it. Each has an address of its own. */
let address = 10
export interface OthersNode {
  readonly version: string
  readonly server?: boolean
  readonly ready?: boolean
}

export const othersNode = (name: string, { version, server = false, ready = true }: OthersNode) => ({
  metadata: {
    name,
    labels: server ? { 'node-role.kubernetes.io/control-plane': '' } : {},
    annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock' },
  },
  spec: {},
  status: {
    addresses: [{ type: 'InternalIP', address: `10.77.0.${(address += 1)}` }],
    nodeInfo: { kubeletVersion: version },
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', reason: 'Kubelet', message: 'as it is' }],
  },
})
