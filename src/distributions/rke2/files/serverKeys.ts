/**
 * Keys of config.yaml that only `rke2 server` knows (RKE2's server and agent references). An agent warns about each of
 * them at every start, and some are secrets a worker must not have.
 */
const serverKeys: ReadonlySet<string> = new Set([
  'advertise-address',
  'advertise-port',
  'agent-token',
  'agent-token-file',
  'apiserver-port',
  'audit-policy-file',
  'cni',
  'disable',
  'disable-apiserver',
  'disable-cloud-controller',
  'disable-controller-manager',
  'disable-etcd',
  'disable-kube-proxy',
  'disable-scheduler',
  'egress-selector-mode',
  'embedded-registry',
  'enable-servicelb',
  'helm-job-image',
  'ingress-controller',
  'kubelet-preferred-address-types',
  'pod-security-admission-config-file',
  'secrets-encryption',
  'secrets-encryption-provider',
  'service-cidr',
  'service-node-port-range',
  'servicelb-namespace',
  'supervisor-metrics',
  'tls-san',
  'tls-san-security',
  'token-file',
])

const serverPrefixes =
  /^(cluster-|control-plane-|datastore-|etcd-|kine-|kube-apiserver-|kube-cloud-controller-manager-|kube-controller-manager-|kube-scheduler-|cloud-controller-manager-|write-kubeconfig)/

/** `key` may carry the `+` that appends to an earlier value. */
export function isServerKey(key: string): boolean {
  const name = key.replace(/\+$/, '')
  return serverKeys.has(name) || serverPrefixes.test(name)
}
