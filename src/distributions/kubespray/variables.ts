import type { HostVariables } from '../../ansible/inventory.ts'
import { addressesOf, ansibleIp } from '../../domain/cluster.ts'
import type { Json } from '../../contract/json.ts'
import type { KubespraySpec } from './spec/spec.ts'

/** What of a desired state the variables are made of. */
export type VariableSource = Pick<
  KubespraySpec,
  'version' | 'kubespray' | 'cluster_vars' | 'proxy' | 'api_endpoint' | 'nodes'
>

export interface KubespraySecrets {
  /** The key by which Secrets are encrypted in etcd: 32 letters and digits. */
  readonly encryption: string
  /** What `secret_vars` holds. */
  readonly variables: Readonly<Record<string, Json>>
}

/**
 * What Kubespray is told of the whole cluster. Variables of a host win over those of groups, roles and the playbooks' own
 * folder, so nothing of these counts in their place. Pure.
 */
export function clusterVariables(spec: VariableSource, secrets: KubespraySecrets): HostVariables {
  return {
    ...spec.cluster_vars,
    ...secrets.variables,
    ...proxyVariables(spec),
    kube_version: spec.version,
    kube_encrypt_secret_data: true,
    kube_encryption_algorithm: spec.kubespray?.secrets_encryption ?? 'secretbox',
    kube_encryption_resources: ['secrets'],
    kube_encrypt_token: secrets.encryption,
    etcd_deployment_type: 'host',
    supplementary_addresses_in_ssl_keys: namesOfApi(spec),
  }
}

/** What a node is told besides, over that. */
export const nodeVariables = ({ nodes }: Pick<VariableSource, 'nodes'>): Readonly<Record<string, HostVariables>> =>
  Object.fromEntries(nodes.map(({ hostname, node_vars }) => [hostname, { ...node_vars }]))

function proxyVariables({ proxy, nodes }: VariableSource): HostVariables {
  if (!proxy?.http_proxy && !proxy?.https_proxy) return {}
  const exceptions = [...(proxy.no_proxy ?? []), ...nodes.flatMap(({ internal_ip }) => addressesOf(internal_ip))]
  return {
    ...(proxy.http_proxy !== undefined && { http_proxy: proxy.http_proxy }),
    ...(proxy.https_proxy !== undefined && { https_proxy: proxy.https_proxy }),
    additional_no_proxy: [...new Set(exceptions)].join(','),
  }
}

/** By which names and addresses the API is reached from elsewhere: its certificate must be for them. */
function namesOfApi({ api_endpoint, nodes, cluster_vars }: VariableSource): Json[] {
  const given = cluster_vars?.['supplementary_addresses_in_ssl_keys']
  const own = Array.isArray(given) ? given : []
  const outside = nodes.filter(({ role }) => role !== 'worker').map(ansibleIp)
  return [...new Set<Json>([...own, ...(api_endpoint === undefined ? [] : [api_endpoint]), ...outside])]
}
