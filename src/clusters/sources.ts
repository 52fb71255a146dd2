import { acceptedKeys } from '../domain/acceptance.ts'
import type { ClusterFile, NodeSpec } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { parseKnownHosts, type PinnedKey, sameKey } from '../hosts/hostKeys.ts'
import { once } from '../hosts/once.ts'
import type { Sealer } from '../secrets/seal.ts'
import {
  type ClusterSecretName,
  clusterSecretPurpose,
  readCluster,
  readClusterSecret,
  readDesiredState,
} from '../store/clusters.ts'
import { readAdopted } from '../store/discovery.ts'
import { listHostKeys } from '../store/hostKeys.ts'
import { listDroppedNodes } from '../store/nodes.ts'
import { readStoredFiles } from '../store/storedFiles.ts'
import { withKnownAddresses } from '../store/machineAddresses.ts'
import type { Database } from '../store/tables.ts'
import { keepSecret, type Learnt, pinHostKeys } from './learnt.ts'
import type { SessionSource, SessionSurroundings } from './openSession.ts'
import type { Bootstrap } from './session.ts'

/** Contents of the files that a cluster file names, by the path as it is written there. */
export type Files = Readonly<Record<string, string>>

export type SourceSurroundings = Pick<SessionSurroundings, 'sealer' | 'keyFilesOf'>

/** A cluster as it is stored. */
export function storedSource(database: Database, around: SourceSurroundings, cluster: string): SessionSource {
  const { sealer } = around
  const desired = once(async () => withKnownAddresses(database, await readDesiredState(database, cluster)))
  const dropped = once(async () => droppedOf(database, await desired()))
  // All of them are read and opened together: once for a cluster, not once for each host that names one.
  const files = once(async () => keptFiles(database, around, await desired(), await dropped()))
  return {
    desired,
    dropped,
    file: async path => fileOf(await files(), path),
    bootstrap: async () => (await readCluster(database, cluster)).bootstrap,
    adopted: () => readAdopted(database, cluster),
    secret: name => openSecret(database, sealer, cluster, name),
    async secretOr(name, make) {
      const kept = await openSecret(database, sealer, cluster, name)
      return { value: kept ?? (await keepSecret(database, sealer, cluster, name, make())), kept: true }
    },
    knownHosts: {
      list: name => storedHostKeys(database, name),
      record: (name, keys) => pinHostKeys(database, name, keys),
    },
  }
}

export interface DraftSource extends SessionSource {
  /** What there is to store with the desired state. */
  learnt(): Promise<Learnt>
}

/** A cluster as a file describes it, which may never have been applied: what is learnt stays in memory. */
export function draftSource(
  database: Database,
  around: SourceSurroundings,
  desired: ClusterFile,
  files: Files,
  accepted: readonly string[],
): DraftSource {
  const { sealer } = around
  const cluster = desired.metadata.name
  const reinstalled = acceptedKeys(accepted)
  const seen: PinnedKey[] = []
  const made = new Map<ClusterSecretName, string>()
  const record = unlessMissing(() => readCluster(database, cluster))
  const dropped = once(() => droppedOf(database, desired))
  const storedFiles = once(async () => keptFiles(database, around, desired, await dropped()))
  const stored = async (name: ClusterSecretName) =>
    (await record()) === null ? null : openSecret(database, sealer, cluster, name)
  return {
    desired: async () => desired,
    dropped,
    // A node that the file no longer names is reached with what is on record.
    file: async path => (Object.hasOwn(files, path) ? fileOf(files, path) : fileOf(await storedFiles(), path)),
    bootstrap: async () => (await record())?.bootstrap ?? neverBootstrapped,
    adopted: () => readAdopted(database, cluster),
    secret: stored,
    async secretOr(name, make) {
      const known = await stored(name)
      if (known !== null) return { value: known, kept: true }
      const value = made.get(name) ?? make()
      made.set(name, value)
      return { value, kept: false }
    },
    knownHosts: {
      async list(name) {
        // Accepted as changed: whatever key that host shows now is the one to go by.
        const kept = (await storedHostKeys(database, name)).filter(key => !reinstalled.has(key.host))
        return [...kept, ...seen.filter(key => !kept.some(other => other.host === key.host))]
      },
      async record(_name, keys) {
        seen.push(...keys.filter(key => !seen.some(other => other.host === key.host)))
      },
    },
    async learnt() {
      const kept = await storedHostKeys(database, cluster)
      const isKept = (key: PinnedKey) => (other: PinnedKey) =>
        other.host === key.host && (sameKey(other, key) || !reinstalled.has(key.host))
      const hostKeys = seen.filter(key => !kept.some(isKept(key)))
      const forgotten = [...new Set(hostKeys.map(({ host }) => host))].filter(host => reinstalled.has(host))
      return { hostKeys, forgotten, secrets: [...made].map(([name, clear]) => ({ name, clear })) }
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

const droppedOf = (database: Database, { metadata, spec }: ClusterFile): Promise<NodeSpec[]> =>
  listDroppedNodes(
    database,
    metadata.name,
    spec.nodes.map(({ hostname }) => hostname),
  ).then(nodes => withKnownAddresses(database, nodes))

/** On record of the files that a cluster file names, and of those by which nodes are reached that it no longer names. */
const keptFiles = (
  database: Database,
  { sealer, keyFilesOf }: SourceSurroundings,
  { metadata, spec }: ClusterFile,
  dropped: readonly NodeSpec[],
): Promise<Files> =>
  readStoredFiles(database, sealer, metadata.name, keyFilesOf({ ...spec, nodes: [...spec.nodes, ...dropped] }))

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

async function openSecret(
  database: Database,
  sealer: Sealer,
  cluster: string,
  name: ClusterSecretName,
): Promise<string | null> {
  const sealed = await readClusterSecret(database, cluster, name)
  return sealed === null ? null : sealer.open(clusterSecretPurpose(cluster, name), sealed)
}

const storedHostKeys = async (database: Database, cluster: string): Promise<PinnedKey[]> =>
  (await listHostKeys(database, cluster)).flatMap(({ key_lines }) => parseKnownHosts(key_lines))
