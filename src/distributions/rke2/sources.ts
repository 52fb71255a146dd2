import { randomBytes } from 'node:crypto'
import type { ClusterFile } from '../../domain/cluster.ts'
import { acceptedKeys } from '../../domain/acceptance.ts'
import { readServerToken } from '../../domain/clusterFile/serverToken.ts'
import { SlipwayError } from '../../domain/errors.ts'
import {
  type KnownHostsPort,
  parseKnownHosts,
  type PinnedKey,
  renderKnownHosts,
  sameKey,
} from '../../hosts/hostKeys.ts'
import type { Sealer } from '../../secrets/seal.ts'
import {
  type ClusterSecretName,
  clusterSecretPurpose,
  keepClusterSecret,
  readCluster,
  readClusterSecret,
  readDesiredState,
} from '../../store/clusters.ts'
import { forgetHostKey, listHostKeys, pinHostKey } from '../../store/hostKeys.ts'
import type { Database, DatabaseTransaction } from '../../store/tables.ts'
import { once } from '../../hosts/once.ts'
import type { SessionSource, Tokens } from './openSession.ts'
import type { Bootstrap } from './session.ts'

type TokenPair = Pick<Tokens, (typeof tokenNames)[number]>
/** Contents of the files that a cluster file names, by the path as it is written there. */
export type Files = Readonly<Record<string, string>>

const tokenNames = ['token', 'agent_token'] as const
const newToken = (): string => randomBytes(24).toString('hex')

/** A cluster as it is stored. */
export function storedSource(
  database: Database,
  sealer: Sealer,
  cluster: string,
  readFiles: (desired: ClusterFile) => Promise<Files>,
): SessionSource {
  const desired = once(() => readDesiredState(database, cluster))
  // All of them are read and opened together: once for a cluster, not once for each host that names one.
  const files = once(async () => readFiles(await desired()))
  return {
    desired,
    file: async path => fileOf(await files(), path),
    bootstrap: async () => (await readCluster(database, cluster)).bootstrap,
    async tokens() {
      const kept = await keepTokens(database, sealer, cluster, { token: newToken(), agent_token: newToken() })
      // A file that differs was refused before it was stored.
      return { ...kept, made: [], token_differs: false }
    },
    kubeconfig: () => openSecret(database, sealer, cluster, 'kubeconfig'),
    knownHosts: storedHostKeys(database),
  }
}

export interface DraftSource extends SessionSource {
  /** Whether `keep` has a host key to store. */
  hasLearnt(): Promise<boolean>
  /** Stores what was learnt or made up while planning, in the transaction that puts the cluster on record. */
  keep(tx: DatabaseTransaction): Promise<void>
}

/** A cluster as a file describes it, which may never have been applied: what is learnt stays in memory until `keep`. */
export function draftSource(
  database: Database,
  sealer: Sealer,
  desired: ClusterFile,
  files: Files,
  accepted: readonly string[],
): DraftSource {
  const cluster = desired.metadata.name
  const stored = storedHostKeys(database)
  const learnt: PinnedKey[] = []
  const reinstalled = acceptedKeys(accepted)
  const known = unlessMissing(() => readCluster(database, cluster))
  const given = tokenFromFile(desired, files)
  const fresh: TokenPair = { token: given ?? newToken(), agent_token: newToken() }
  return {
    desired: async () => desired,
    file: async path => fileOf(files, path),
    bootstrap: async () => (await known())?.bootstrap ?? neverBootstrapped,
    async tokens() {
      const stored = (await known()) !== null
      const [token, agent_token] = await Promise.all(
        tokenNames.map(name => (stored ? openSecret(database, sealer, cluster, name) : null)),
      )
      return {
        token: token ?? fresh.token,
        agent_token: agent_token ?? fresh.agent_token,
        made: [fresh.agent_token, ...(given === undefined ? [fresh.token] : [])],
        token_differs: given !== undefined && passwordOf(token ?? given) !== given,
      }
    },
    kubeconfig: async () => ((await known()) ? openSecret(database, sealer, cluster, 'kubeconfig') : null),
    knownHosts: {
      async list(name) {
        // Accepted as changed: whatever key that host shows now is the one to go by.
        const kept = (await stored.list(name)).filter(key => !reinstalled.has(key.host))
        return [...kept, ...learnt.filter(key => !kept.some(other => other.host === key.host))]
      },
      async record(_name, keys) {
        learnt.push(...keys.filter(key => !learnt.some(other => other.host === key.host)))
      },
    },
    async hasLearnt() {
      const kept = await stored.list(cluster)
      const isKept = (key: PinnedKey) => (other: PinnedKey) =>
        other.host === key.host && (sameKey(other, key) || !reinstalled.has(key.host))
      return learnt.some(key => !kept.some(isKept(key)))
    },
    async keep(tx) {
      for (const { host } of learnt) if (reinstalled.has(host)) await forgetHostKey(tx, cluster, host)
      await storedHostKeys(tx).record(cluster, learnt)
      await keepTokens(tx, sealer, cluster, fresh)
    },
  }
}

const neverBootstrapped: Bootstrap = {
  state: 'unused',
  machine_id: null,
  joiner_started: false,
  ca_hash: null,
  etcd_cluster: null,
}

function unlessMissing<Value>(read: () => Promise<Value>): () => Promise<Value | null> {
  return () =>
    read().catch((error: unknown) => {
      if (error instanceof SlipwayError && error.code === 'not-found') return null
      throw error
    })
}

function fileOf(files: Files, path: string): string {
  const content = Object.hasOwn(files, path) ? files[path] : undefined
  if (content === undefined)
    throw new SlipwayError('file-unreadable', `the contents of ${path} are not stored`, {
      remedy: 'Apply the cluster file again; it brings the file along.',
    })
  return content
}

/** Before the password was taken out of it, a token of the secure form was stored as the file had it. */
function passwordOf(stored: string): string {
  const reading = readServerToken(stored)
  return reading.ok ? reading.value : stored
}

function tokenFromFile({ spec }: ClusterFile, files: Files): string | undefined {
  if (spec.token_file === undefined) return undefined
  const reading = readServerToken(fileOf(files, spec.token_file))
  if (reading.ok) return reading.value
  throw new SlipwayError('file-unreadable', `${spec.token_file}: ${reading.fault.message}`, {
    remedy: reading.fault.remedy,
  })
}

/** Writes the tokens that are not there yet, and returns those that hold. */
async function keepTokens(database: Database, sealer: Sealer, cluster: string, tokens: TokenPair): Promise<TokenPair> {
  const keep = async (name: (typeof tokenNames)[number]) => {
    const purpose = clusterSecretPurpose(cluster, name)
    return sealer.open(purpose, await keepClusterSecret(database, cluster, name, sealer.seal(purpose, tokens[name])))
  }
  return { token: await keep('token'), agent_token: await keep('agent_token') }
}

async function openSecret(
  database: Database,
  sealer: Sealer,
  cluster: string,
  name: ClusterSecretName,
): Promise<string | null> {
  const sealed = await readClusterSecret(database, cluster, name)
  return sealed === null ? null : sealer.open(clusterSecretPurpose(cluster, name), sealed)
}

function storedHostKeys(database: Database): KnownHostsPort {
  return {
    list: async cluster =>
      (await listHostKeys(database, cluster)).flatMap(({ key_lines }) => parseKnownHosts(key_lines)),
    async record(cluster, keys) {
      for (const [host, group] of Map.groupBy(keys, key => key.host))
        await pinHostKey(database, cluster, host, renderKnownHosts(group))
    },
  }
}
