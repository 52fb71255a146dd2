// The options of `rke2 server` and `rke2 agent`: what a key of config.yaml may be. Anything else is skipped with a warning.
export type Kind = 'text' | 'list' | 'switch' | 'number' | 'duration'

function table(kind: Kind, names: string): [string, Kind][] {
  return names
    .trim()
    .split(/\s+/)
    .map(name => [name, kind])
}

const node: [string, Kind][] = [
  ...table(
    'switch',
    `debug with-node-id selinux protect-kernel-defaults disable-default-registry-endpoint enable-pprof
     node-name-from-cloud-provider-metadata alsologtostderr`,
  ),
  ...table(
    'text',
    `config data-dir token token-file server node-name resolv-conf bind-address private-registry snapshotter profile
     cloud-provider-name cloud-provider-config container-runtime-endpoint default-runtime kubelet-path
     image-credential-provider-bin-dir image-credential-provider-config audit-policy-file pod-security-admission-config-file
     log vmodule
     kube-apiserver-image kube-controller-manager-image cloud-controller-manager-image kube-proxy-image kube-scheduler-image
     pause-image runtime-image etcd-image system-default-registry`,
  ),
  ...table(
    'list',
    `control-plane-resource-requests control-plane-resource-limits control-plane-probe-configuration
     node-label node-taint node-ip node-external-ip node-internal-dns node-external-dns kubelet-arg kube-proxy-arg
     nonroot-devices airgap-extra-registry kube-apiserver-extra-mount kube-scheduler-extra-mount etcd-extra-mount
     kube-controller-manager-extra-mount kube-proxy-extra-mount cloud-controller-manager-extra-mount
     kube-apiserver-extra-env kube-scheduler-extra-env etcd-extra-env kube-controller-manager-extra-env
     kube-proxy-extra-env cloud-controller-manager-extra-env`,
  ),
  ...table('number', 'lb-server-port v'),
]

const controlPlane: [string, Kind][] = [
  ...table(
    'switch',
    `cluster-reset disable-agent disable-scheduler disable-cloud-controller disable-kube-proxy disable-apiserver
     disable-controller-manager disable-etcd etcd-disable-snapshots etcd-snapshot-compress etcd-expose-metrics etcd-s3
     etcd-s3-insecure etcd-s3-skip-ssl-verify embedded-registry supervisor-metrics tls-san-security secrets-encryption
     enable-servicelb prime`,
  ),
  ...table(
    'text',
    `advertise-address cluster-domain write-kubeconfig write-kubeconfig-group write-kubeconfig-mode
     write-kubeconfig-name agent-token agent-token-file
     cluster-reset-restore-path datastore-endpoint datastore-cafile datastore-certfile datastore-keyfile
     service-node-port-range egress-selector-mode etcd-snapshot-schedule-cron etcd-snapshot-dir etcd-snapshot-name
     etcd-s3-access-key etcd-s3-bucket etcd-s3-bucket-lookup-type etcd-s3-config-secret etcd-s3-endpoint etcd-s3-endpoint-ca etcd-s3-folder
     etcd-s3-proxy etcd-s3-region etcd-s3-secret-key etcd-s3-session-token helm-job-image
     servicelb-namespace secrets-encryption-provider`,
  ),
  ...table(
    'list',
    `tls-san cluster-cidr service-cidr cluster-dns disable cni ingress-controller kube-apiserver-arg etcd-arg
     kube-scheduler-arg kube-controller-manager-arg kube-cloud-controller-manager-arg helm-controller-arg`,
  ),
  ...table('number', 'etcd-snapshot-retention etcd-s3-retention'),
  ...table('duration', 'etcd-snapshot-reconcile-interval etcd-s3-timeout'),
]

export const agentFlags: ReadonlyMap<string, Kind> = new Map(node)
export const serverFlags: ReadonlyMap<string, Kind> = new Map([...node, ...controlPlane])

/** The short spellings of the command line. */
export const shortNames: ReadonlyMap<string, string> = new Map([
  ['c', 'config'],
  ['d', 'data-dir'],
  ['t', 'token'],
  ['s', 'server'],
])
