import { acceptedKeys } from '../domain/acceptance.ts'
import type { ClusterFile, NodeSpec } from '../domain/cluster.ts'
import { SlipwayError } from '../domain/errors.ts'
import { type PinnedKey, sameKey } from '../hosts/hostKeys.ts'
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
import { readEtcdMembers } from '../store/etcdMembers.ts'
import { listDroppedNodes } from '../store/nodes.ts'
import { readStoredFiles } from '../store/storedFiles.ts'
import { withKnownAddresses } from '../store/machineAddresses.ts'
import type { Database } from '../store/tables.ts'
import { keepSecret, type Learnt, pinHostKeys } from './learnt.ts'
import { pinnedKeys } from './pinnedKeys.ts'
import type { SessionSource, SessionSurroundings } from './openSession.ts'
import type { Bootstrap } from './session.ts'

/** Contents of the files that a cluster file names, by the path as it is written there. */
export type Files = Readonly<Record<string, string>>

export type SourceSurroundings = Pick<SessionSurroundings, 'sealer' | 'keyFilesOf'>

/** A cluster as it is stored. */
export function storedSource(database: Database, around: SourceSurroundings, cluster: string): SessionSource {
  const { sealer } = around
  const { written, desired, dropped, keys } = addressed(database, () => readDesiredState(database, cluster))
  // All of them are read and opened together: once for a cluster, not once for each host that names one.
  const files = once(async () => keptFiles(database, around, await written(), await dropped()))
  return {
    desired,
    dropped,
    file: async path => fileOf(await files(), path),
    bootstrap: async () => (await readCluster(database, cluster)).bootstrap,
    adopted: () => readAdopted(database, cluster),
    etcdMembers: () => readEtcdMembers(database, cluster),
    secret: name => openSecret(database, sealer, cluster, name),
    async secretOr(name, make) {
      const kept = await openSecret(database, sealer, cluster, name)
      return { value: kept ?? (await keepSecret(database, sealer, cluster, name, make())), kept: true }
    },
    knownHosts: {
      list: keys,
      record: (name, seen) => pinHostKeys(database, name, seen),
    },
  }
}

export interface DraftSource extends SessionSource {
  /** What there is to store with the desired state. */
  learnt(): Promise<Learnt>
}

/**
 * A cluster as a file describes it, which may never have been applied: what is learnt stays in memory.
 * @param file with tokens in the place of the addresses of machines.
 */
export function draftSource(
  database: Database,
  around: SourceSurroundings,
  file: ClusterFile,
  files: Files,
  accepted: readonly string[],
): DraftSource {
  const { sealer } = around
  const cluster = file.metadata.name
  const reinstalled = acceptedKeys(accepted)
  const seen: PinnedKey[] = []
  const made = new Map<ClusterSecretName, string>()
  const record = unlessMissing(() => readCluster(database, cluster))
  const { desired, dropped, keys } = addressed(database, async () => file)
  const storedFiles = once(async () => keptFiles(database, around, file, await dropped()))
  const stored = async (name: ClusterSecretName) =>
    (await record()) === null ? null : openSecret(database, sealer, cluster, name)
  return {
    desired,
    dropped,
    // A node that the file no longer names is reached with what is on record.
    file: async path => (Object.hasOwn(files, path) ? fileOf(files, path) : fileOf(await storedFiles(), path)),
    bootstrap: async () => (await record())?.bootstrap ?? neverBootstrapped,
    adopted: () => readAdopted(database, cluster),
    etcdMembers: () => readEtcdMembers(database, cluster),
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
        const kept = (await keys(name)).filter(key => !reinstalled.has(key.host))
        return [...kept, ...seen.filter(key => !kept.some(other => other.host === key.host))]
      },
      async record(_name, shown) {
        seen.push(...shown.filter(key => !seen.some(other => other.host === key.host)))
      },
    },
    async learnt() {
      const kept = await keys(cluster)
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

/** A cluster as it is written, and with the addresses of its machines, as far as they have some. */
function addressed(database: Database, read: () => Promise<ClusterFile>) {
  const written = once(read)
  const dropped = once(async () => {
    const { metadata, spec } = await written()
    const named = spec.nodes.map(({ hostname }) => hostname)
    return listDroppedNodes(database, metadata.name, named)
  })
  return {
    written,
    desired: once(async () => withKnownAddresses(database, await written())),
    dropped: once(async () => withKnownAddresses(database, await dropped())),
    keys: async (cluster: string) =>
      pinnedKeys(database, cluster, [...(await written()).spec.nodes, ...(await dropped())]),
  }
}

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
