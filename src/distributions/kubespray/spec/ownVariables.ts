import { carriesLogin } from '../../../domain/values/logins.ts'
import type { Told } from '../../../domain/clusterFile/format.ts'
import type { Json } from '../../../contract/json.ts'
import type { Path } from '../../../domain/clusterFile/plainTree.ts'

/** Variables whose value stays Slipway's own, and what the cluster file says in their place. */
const instead: ReadonlyMap<string, string> = new Map([
  ['kube_version', 'Write it as spec.version.'],
  ...['ip', 'access_ip', 'ip6', 'access_ip6', 'main_ip', 'main_access_ip'].map((name): [string, string] => [
    name,
    'Remove it: the address of a node is its spec.nodes[].internal_ip.',
  ]),
  ['etcd_member_name', 'Remove it: Slipway gives each member of etcd a name, and never another one.'],
  ['kube_encrypt_secret_data', 'Remove it: secrets are always encrypted, by spec.kubespray.secrets_encryption.'],
  ['kube_encryption_algorithm', 'Write it as spec.kubespray.secrets_encryption.'],
  ['kube_encryption_resources', 'Remove it: secrets are what is encrypted.'],
  ['kube_encrypt_token', 'Remove it: Slipway makes the key, and keeps it sealed.'],
  ...['http_proxy', 'https_proxy', 'no_proxy', 'additional_no_proxy'].map((name): [string, string] => [
    name,
    'Write it below spec.proxy.',
  ]),
  ...['kubeconfig_localhost', 'kubectl_localhost', 'artifacts_dir', 'credentials_dir'].map((name): [string, string] => [
    name,
    'Remove it: `slipway kubeconfig` fetches the kubeconfig, and what Slipway needs it keeps sealed.',
  ]),
  ...['kube_config_dir', 'kube_cert_dir', 'etcd_deployment_type', 'kube_apiserver_port'].map(
    (name): [string, string] => [
      name,
      'Remove it: Slipway looks at the machines where Kubespray’s default puts things.',
    ],
  ),
  ...['ignore_assert_errors', 'any_errors_fatal', 'unsafe_show_logs'].map((name): [string, string] => [
    name,
    'Remove it: it would hide faults, or show secrets in the log.',
  ]),
  ...['node', 'skip_confirmation', 'reset_confirmation', 'reset_nodes', 'allow_ungraceful_removal'].map(
    (name): [string, string] => [name, 'Remove it: Slipway says itself which nodes leave, and how.'],
  ),
])

const secretive =
  /(?:^|_)(?:passw(?:or)?d|passphrase|secret|secret_key|access_key|api_key|private_key|client_secret|token|certificate_key)$/

export const ownVariableRefused = (name: string): Told | null => {
  const remedy = name.startsWith('ansible_')
    ? 'Remove it: how the machines are reached is said by spec.ssh and spec.nodes[].ssh.'
    : instead.get(name)
  return remedy === undefined ? null : { message: `the variable ${name} is set by Slipway itself`, remedy }
}

/** What is refused in a value, wherever below it that stands. */
export interface VariableFault {
  readonly path: Path
  readonly kind: 'secret' | 'login' | 'template'
}

/** Everything in these variables that may not stand in a file that is stored and shown in clear, or that is no data. */
export function variableFaults(value: Json, path: Path): VariableFault[] {
  if (typeof value === 'string') {
    const key = path.findLast(step => typeof step === 'string')
    if (value !== '' && typeof key === 'string' && secretive.test(key)) return [{ path, kind: 'secret' }]
    if (carriesLogin(value)) return [{ path, kind: 'login' }]
    return /\{\{|\{%|\{#/.test(value) ? [{ path, kind: 'template' }] : []
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) =>
    variableFaults(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}
