import {
  environmentEntries,
  environmentText,
  type FileEntry,
  registriesEntries,
  registriesText,
} from './files/hostFiles.ts'
import {
  type ConfigEntry,
  type ConfigKind,
  renderConfigEntries,
  renderConfigText,
  serverUrl,
} from './files/configEntries.ts'
import { primaryAddress } from '../../domain/cluster.ts'
import { keyedHash } from '../../secrets/seal.ts'
import type { ClusterArguments, NodeArguments, StageArguments } from './arguments.ts'
import { type OwnFile } from './ownFiles/places.ts'
import type { ClusterSecrets } from './session.ts'

/** The files that RKE2 reads on one node, as they should be. */
export interface WantedFiles {
  readonly config: readonly ConfigEntry[]
  /** Keys of the configuration whose values are secret. */
  readonly secretKeys: readonly string[]
  readonly registries: readonly FileEntry[]
  readonly environment: readonly { key: string; value: string }[]
  /** The user's own, and those to be removed. */
  readonly own: readonly OwnFile[]
}

export interface FileHashes {
  readonly config: string
  /** Of each line of it, by its key, as the probe reports them. */
  readonly parts: Readonly<Record<string, string>>
  /** null: there is to be no such file. */
  readonly registries: string | null
  readonly environment: string | null
}

interface Request {
  readonly cluster: ClusterArguments
  readonly node: NodeArguments
  readonly kind: ConfigKind
  /** Whom to join; null where the cluster is to be formed. */
  readonly joins: string | null
  readonly secrets: ClusterSecrets
  /** Known once the first server is ready; the first server itself takes the short form of the token only. */
  readonly caHash: string | null
  readonly own: readonly OwnFile[]
}

export function wantedFiles({ cluster, node, kind, joins, secrets, caHash, own }: Request): WantedFiles {
  const secure = (user: string, token: string) =>
    caHash === null || joins === null ? token : `K10${caHash}::${user}:${token}`
  const config = renderConfigEntries({
    cluster,
    node,
    kind,
    ...(kind === 'worker' ? {} : { token: secure('server', secrets.token) }),
    // Servers hand this on as it is; an agent proves with the hash that it talks to the right cluster.
    agentToken: kind === 'worker' ? secure('node', secrets.agent_token) : secrets.agent_token,
    ...(joins !== null && { server: serverUrl(joins) }),
    ...(kind !== 'worker' && { secrets: secrets.config }),
  })
  const direct = [cluster.api_endpoint, joins].filter(address => address !== undefined && address !== null)
  return {
    config,
    secretKeys: ['token', 'agent-token', ...Object.keys(secrets.config)],
    registries: registriesEntries(cluster.registries, secrets.registry_auth),
    environment: environmentEntries(cluster.proxy, [...new Set(direct)]),
    own,
  }
}

/** Hexadecimal digits. */
const partLength = 16

/** Keyed hashes of the exact bytes: what the probe reports for the files on the host. */
export function fileHashes(hashKey: string, files: WantedFiles): FileHashes {
  const hash = (text: string) => (text === '' ? null : keyedHash(hashKey, text))
  return {
    config: keyedHash(hashKey, renderConfigText(files.config)),
    parts: Object.fromEntries(
      files.config.map(entry => [
        entry.key,
        keyedHash(hashKey, renderConfigText([entry]).trimEnd()).slice(0, partLength),
      ]),
    ),
    registries: hash(registriesText(files.registries)),
    environment: hash(environmentText(files.environment)),
  }
}

/** Names the intent of a config without its secrets, so that an approval covers what is in it and the plan may be shown. */
export function intentHash(hashKey: string, files: WantedFiles): string {
  const open = files.config.filter(({ key }) => !files.secretKeys.includes(key))
  return keyedHash(
    hashKey,
    JSON.stringify({ open, registries: files.registries, environment: files.environment }),
  ).slice(0, 16)
}

/** Names what a configuration says, but for its secrets and for whom it tells to join. */
export function meaningHash(hashKey: string, { config, secretKeys }: WantedFiles): string {
  const open = config.filter(({ key }) => key !== 'server' && !secretKeys.includes(key))
  return keyedHash(hashKey, JSON.stringify(open))
}

export interface JoinAddress {
  readonly address: string
  /** Whose it is; null: an endpoint that survives each server. */
  readonly server: string | null
}

/** Whom a node may join, the usual one first; none of them for a server that is alone. */
export function joinAddresses(
  { cluster, servers }: Pick<StageArguments, 'cluster' | 'servers'>,
  node: Pick<NodeArguments, 'hostname'>,
): readonly JoinAddress[] {
  if (cluster.api_endpoint !== undefined) return [{ address: cluster.api_endpoint, server: null }]
  return servers
    .filter(server => server.hostname !== node.hostname)
    .toSorted((a, b) => Number(b.role === 'initial_master') - Number(a.role === 'initial_master'))
    .map(server => ({ address: primaryAddress(server), server: server.hostname }))
}
