import { schemaAt } from './allowed.ts'
import type { Path } from './plainTree.ts'

/** A right value of each field whose form can be missed, as it is written in the file. A test reads all of them. */
export const forms: Readonly<Record<string, string>> = {
  apiVersion: 'slipway/v1',
  kind: 'Cluster',
  name: 'demo',
  distribution: 'rke2',
  version: 'v1.34.1+rke2r1',
  artifact_url: 'https://mirror.example.org/rke2',
  artifact_path: './releases',
  api_endpoint: 'api.example.org',
  hostname: 'm1',
  internal_ip: '10.0.0.11',
  external_ip: '203.0.113.11',
  use_external_ip: 'true',
  role: 'worker',
  user: 'admin',
  port: '22',
  host: '10.0.0.5',
  key_file: './id_ed25519',
  sudo: 'true',
  sudo_password_file: './sudo-password',
  token_file: './token',
  http_proxy: 'http://proxy.example.org:3128',
  https_proxy: 'http://proxy.example.org:3128',
  no_proxy: '[10.0.0.0/8, .example.org]',
  endpoint: '[https://mirror.example.org]',
  auth_file: './registry-login',
  ca_file: './registry-ca.pem',
  min_cpus: '2',
  min_memory_mib: '4096',
  min_disk_free_mib: '2048',
  max_clock_skew_s: '5',
  ready_timeout_s: '600',
  'cluster-cidr': '10.42.0.0/16',
  'service-cidr': '10.43.0.0/16',
  'cluster-dns': '10.43.0.10',
  'cluster-domain': 'cluster.local',
  'service-node-port-range': '30000-32767',
  'data-dir': '/var/lib/rancher/rke2',
  'node-label': '[example.org/zone=a]',
  'node-taint': '["dedicated=db:NoSchedule"]',
  'tls-san': '[api.example.org]',
  'kubelet-arg': '[max-pods=200]',
  'kube-proxy-arg': '[v=2]',
  'kube-apiserver-arg': '[v=2]',
  'kube-controller-manager-arg': '[v=2]',
  'kube-scheduler-arg': '[v=2]',
  'etcd-arg': '[quota-backend-bytes=8589934592]',
  'write-kubeconfig-mode': '"0640"',
  'system-default-registry': 'registry.example.org',
  'resolv-conf': '/run/systemd/resolve/resolv.conf',
  'bind-address': '10.0.0.11',
  'advertise-address': '10.0.0.11',
  'etcd-snapshot-schedule-cron': '"0 */12 * * *"',
  'etcd-snapshot-retention': '5',
  'etcd-snapshot-dir': '/var/lib/rke2-snapshots',
  'audit-policy-file': '/etc/rancher/rke2/audit-policy.yaml',
}

/** What to write where a value is wrong: an example of the field's right form, else what the schema says of the field. */
export function rightForm(path: Path): string {
  const field = path.findLast(step => typeof step === 'string')
  if (field === undefined) return 'Lay the file out as `slipway init` does.'
  const form = Object.hasOwn(forms, field) ? forms[field] : undefined
  if (form !== undefined) return `Write it like this: \`${field}: ${form}\`.`
  const described = schemaAt(path)?.description ?? schemaAt(path.slice(0, path.lastIndexOf(field) + 1))?.description
  if (described !== undefined) return `Write ${field} as docs/cluster-yaml.md says: ${described}.`
  return `docs/cluster-yaml.md shows how ${field} is written.`
}
