import { expect, it } from 'vitest'
import { type ClusterKind, kindOf, type Signs } from './kind.ts'
import { nodeOf, type Shape } from './nodes.fixture.ts'

/** Shapes of Nodes as the documentation of each shows them. */
const rke2: Shape = {
  version: 'v1.34.1+rke2r1',
  providerID: 'rke2://m1',
  labels: { 'node.kubernetes.io/instance-type': 'rke2' },
}
const k3s: Shape = {
  version: 'v1.33.5+k3s1',
  providerID: 'k3s://s1',
  labels: { 'node.kubernetes.io/instance-type': 'k3s' },
}
const kubeadm: Shape = {
  version: 'v1.34.1',
  annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock' },
}
const eks: Shape = {
  version: 'v1.33.5-eks-113cf36',
  providerID: 'aws:///eu-central-1a/i-0a1b2c3d4e5f60718',
  labels: { 'eks.amazonaws.com/nodegroup': 'workers', 'topology.kubernetes.io/zone': 'eu-central-1a' },
}
const gke: Shape = {
  version: 'v1.33.4-gke.1350000',
  providerID: 'gce://project/europe-west3-a/gke-prod-default-pool-1',
  labels: { 'cloud.google.com/gke-nodepool': 'default-pool' },
}
const aks: Shape = {
  version: 'v1.33.3',
  providerID:
    'azure:///subscriptions/0/resourceGroups/mc_prod_prod_westeurope/providers/Microsoft.Compute/virtualMachineScaleSets/aks-nodepool1-1-vmss/virtualMachines/0',
  labels: { 'kubernetes.azure.com/cluster': 'MC_prod', 'kubernetes.azure.com/agentpool': 'nodepool1' },
}
const doks: Shape = {
  version: 'v1.33.1',
  providerID: 'digitalocean://400000000',
  labels: { 'doks.digitalocean.com/node-pool': 'pool', 'doks.digitalocean.com/managed': 'true' },
}

const configuration = (certificates: string, etcd = '') => `apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
certificatesDir: ${certificates}
clusterName: kubernetes
${etcd}kind: ClusterConfiguration
`
const external = `etcd:
  external:
    caFile: /etc/ssl/etcd/ssl/ca.pem
    certFile: /etc/ssl/etcd/ssl/node-m1.pem
`

const servers = ['control-plane', 'etcd']
type Case = readonly [what: string, kind: ClusterKind, shapes: readonly Shape[], more?: Partial<Signs>]
const clusters: readonly Case[] = [
  ['RKE2', 'rke2', [{ ...rke2, roles: servers }, rke2]],
  ['RKE2 of a time when servers were called master', 'rke2', [{ ...rke2, roles: ['master', 'etcd'] }]],
  ['RKE2 with the cloud provider of AWS', 'rke2', [{ ...rke2, roles: servers, providerID: eks.providerID ?? '' }]],
  ['RKE2 of which an agent was upgraded with something else', 'rke2', [{ ...rke2, roles: servers }, kubeadm]],
  ['a release candidate of RKE2', 'rke2', [{ ...rke2, version: 'v1.34.1-rc2+rke2r1', roles: servers }]],
  ['RKE2 that machines of DOKS have joined', 'rke2', [{ ...rke2, roles: servers }, doks]],
  ['K3s', 'k3s', [{ ...k3s, roles: ['control-plane', 'master'] }, k3s]],
  [
    'kubeadm',
    'kubeadm',
    [{ ...kubeadm, roles: ['control-plane'] }, kubeadm],
    { kubeadm: configuration('/etc/kubernetes/pki') },
  ],
  ['kubeadm whose configuration may not be read', 'kubeadm', [{ ...kubeadm, roles: ['control-plane'] }]],
  [
    'kubeadm without a mark on its Nodes',
    'kubeadm',
    [{ roles: ['control-plane'] }],
    { kubeadm: configuration('/etc/kubernetes/pki') },
  ],
  [
    'Kubespray',
    'kubespray',
    [{ ...kubeadm, roles: ['control-plane'] }],
    { kubeadm: configuration('/etc/kubernetes/ssl', external) },
  ],
  [
    'Kubespray by its etcd alone',
    'kubespray',
    [{ ...kubeadm, roles: ['control-plane'] }],
    { kubeadm: configuration('/etc/kubernetes/pki', external) },
  ],
  ['EKS', 'eks', [eks, eks]],
  [
    'EKS with Fargate',
    'eks',
    [eks, { version: 'v1.33.5-eks-3025e55', labels: { 'eks.amazonaws.com/compute-type': 'fargate' } }],
  ],
  ['GKE', 'gke', [gke]],
  ['AKS', 'aks', [aks]],
  ['AKS by its machines', 'aks', [{ version: 'v1.33.3', providerID: aks.providerID ?? '' }]],
  ['DOKS', 'doks', [doks]],
  [
    'machines of Azure, and nothing else that is known',
    'unknown',
    [{ providerID: 'azure:///subscriptions/0/resourceGroups/x/providers/Microsoft.Compute/virtualMachines/vm1' }],
  ],
  ['machines of AWS', 'unknown', [{ providerID: 'aws:///eu-central-1a/i-1', roles: ['control-plane'] }]],
  ['k0s', 'unknown', [{ version: 'v1.33.1+k0s', roles: ['control-plane'] }]],
  ['Nodes that contradict each other', 'unknown', [eks, gke]],
  [
    'servers that contradict each other',
    'unknown',
    [
      { ...rke2, roles: servers },
      { ...k3s, roles: servers },
    ],
  ],
  ['Nodes that tell nothing, behind an API server of EKS', 'eks', [{}], { version: 'v1.33.5-eks-113cf36' }],
  ['no Node at all', 'unknown', []],
]

it.each(clusters.map(([what, kind, shapes, more]) => ({ what, kind, shapes, more })))(
  '$what is told to be $kind',
  ({ kind, shapes, more = {} }) => {
    expect(kindOf({ nodes: shapes.map(nodeOf), version: 'v1.34.1', kubeadm: null, ...more })).toBe(kind)
  },
)
