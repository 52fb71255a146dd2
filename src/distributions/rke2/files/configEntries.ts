import { hostOfUrl } from '../../../domain/addresses.ts'
import type { Rke2Node, Rke2Spec } from '../spec/spec.ts'
import { addressesOf, ansibleIp, isServer } from '../../../domain/cluster.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { auditPolicyPath, podSecurityPath } from './ownFilePaths.ts'
import type { ClusterVars } from '../spec/config.ts'
import { isServerKey } from './serverKeys.ts'

/** `initial` may bootstrap (no `server`), or is the finished first server (with one); the others always join. */
export type ConfigKind = 'initial' | 'joining' | 'worker'

export type ConfigScalar = string | number | boolean
export type ConfigValue = ConfigScalar | readonly ConfigScalar[]

/** One line of a configuration file. Ordered lists of these are what the templates loop over. */
export interface ConfigEntry {
  readonly key: string
  readonly value: ConfigValue
}

export interface ConfigRequest {
  readonly cluster: Pick<Rke2Spec, 'cluster_vars' | 'api_endpoint' | 'files'>
  readonly node: Rke2Node
  readonly kind: ConfigKind
  /** Server token; needed on servers, never given to a worker. */
  readonly token?: string
  /** What agents join with; servers get it as `agent-token`. */
  readonly agentToken: string
  /** Values that are secret, by key; for servers only. */
  readonly secrets?: Readonly<Record<string, string>>
  /** `https://…:9345`. Absent only where a cluster is to be formed. */
  readonly server?: string
}

/** Where a joiner registers: the supervisor port of a server, or of the VIP. */
export const serverUrl = (address: string): string => `https://${address.includes(':') ? `[${address}]` : address}:9345`

/** The address that such a URL names; null for any other text. */
export function addressOfServer(url: string): string | null {
  const address = URL.canParse(url) ? hostOfUrl(url) : ''
  return serverUrl(address) === url ? address : null
}

/**
 * The entries of one node's config.yaml: what Slipway decides first, then the user's keys in alphabetical order (the
 * database does not keep an order). A node's value replaces the cluster's, lists included; `extra` wins over both.
 * @throws SlipwayError `cluster-conflict` when kind, token and server do not fit together.
 */
export function renderConfigEntries(request: ConfigRequest): ConfigEntry[] {
  const { cluster, node, kind, server } = request
  if (isServer(node) !== (kind !== 'worker'))
    throw new SlipwayError('cluster-conflict', `${node.hostname} is a ${node.role} and cannot have a ${kind} config`)
  if (kind !== 'initial' && server === undefined)
    throw new SlipwayError('cluster-conflict', `${node.hostname} has no server to join`)
  const user = userKeys(cluster.cluster_vars ?? {}, node.node_vars ?? {})
  const own: [string, ConfigValue | undefined][] = [
    ['server', server],
    ...tokens(request),
    ['node-name', node.hostname],
    ['node-ip', node.internal_ip],
    ['node-external-ip', node.external_ip],
    ...(isServer(node) ? Object.entries(request.secrets ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)) : []),
    ...(isServer(node) ? ownFileKeys(cluster.files ?? {}) : []),
    ['tls-san', isServer(node) ? subjectNames(cluster, node, user.get('tls-san')) : undefined],
  ]
  for (const key of ['tls-san', ...Object.keys(request.secrets ?? {})]) user.delete(key)
  const rest = [...user].filter(([key]) => isServer(node) || !isServerKey(key)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return [...own, ...rest].flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: portable(value) }]))
}

/** A key that the user sets as well is refused at the door. */
const ownFileKeys = (files: NonNullable<Rke2Spec['files']>): [string, ConfigValue | undefined][] => [
  ['audit-policy-file', files.audit_policy === undefined ? undefined : auditPolicyPath],
  ['pod-security-admission-config-file', files.pod_security === undefined ? undefined : podSecurityPath],
]

function tokens({ kind, node, token, agentToken }: ConfigRequest): [string, ConfigValue][] {
  if (kind === 'worker') return [['token', agentToken]]
  if (token === undefined) throw new SlipwayError('cluster-conflict', `${node.hostname} has no server token`)
  return [
    ['token', token],
    ['agent-token', agentToken],
  ]
}

/** What the user says of a node, by key. */
export function userKeys(cluster: ClusterVars, node: ClusterVars): Map<string, ConfigValue> {
  const { extra: clusterExtra, ...clusterKeys } = cluster
  const { extra: nodeExtra, ...nodeKeys } = node
  const keys = new Map<string, ConfigValue>()
  for (const [key, value] of Object.entries({ ...clusterKeys, ...nodeKeys, ...clusterExtra, ...nodeExtra }))
    if (value !== undefined) keys.set(key, value)
  return keys
}

/**
 * Names in this server's certificate: the endpoint, its own addresses, and what the user adds. Not the other servers'
 * addresses: nobody asks for those here, and adding a server would otherwise change the config of all.
 */
function subjectNames(
  cluster: Pick<Rke2Spec, 'api_endpoint'>,
  node: Rke2Node,
  user: ConfigValue | undefined,
): ConfigScalar[] {
  const given = user === undefined ? [] : Array.isArray(user) ? user : [user]
  const own = [
    cluster.api_endpoint,
    ansibleIp(node),
    ...addressesOf(node.internal_ip),
    ...addressesOf(node.external_ip),
  ]
  return [...new Set([...own.filter(name => name !== undefined), ...given])]
}

/** JavaScript and Python spell very small numbers differently; as text they are the same on both sides. */
function portable(value: ConfigValue): ConfigValue {
  if (typeof value === 'object') return value.map(one => (typeof one === 'number' ? portableNumber(one) : one))
  return typeof value === 'number' ? portableNumber(value) : value
}

const portableNumber = (value: number): ConfigScalar =>
  Number.isSafeInteger(value) || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e15) ? value : String(value)

/** The exact bytes of config.yaml (and registries.yaml): one line a key, the value as compact JSON, which is YAML. */
export const renderConfigText = (entries: readonly { readonly key: string; readonly value: unknown }[]): string =>
  entries.map(({ key, value }) => `${key}: ${JSON.stringify(value)}\n`).join('')
