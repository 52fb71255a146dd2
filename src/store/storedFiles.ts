import { type KeyFileKind, keyFilesOf } from '../domain/clusterFile/keyFiles.ts'
import type { ClusterSpec } from '../domain/cluster.ts'
import { keyedHash, type Sealer } from '../secrets/seal.ts'
import { newestCredentials, putCredential } from './credentials.ts'
import type { Database } from './tables.ts'

/** Name under which the contents of a file that a cluster file names are sealed and kept. */
const credentialName = (cluster: string, kind: KeyFileKind, file: string): string => `${cluster}/${kind}/${file}`
const purposeOf = (name: string): string => `credential ${name}`

/** Contents of the key files of a stored cluster, by the path as its file writes it; what is not there is left out. */
export async function readStoredFiles(
  database: Database,
  sealer: Sealer,
  cluster: string,
  spec: ClusterSpec,
): Promise<Record<string, string>> {
  const newest = new Map((await newestCredentials(database, `${cluster}/`)).map(one => [one.name, one.sealed]))
  const found = keyFilesOf(spec).flatMap(({ kind, file }) => {
    const name = credentialName(cluster, kind, file)
    const sealed = newest.get(name)
    return sealed === undefined ? [] : [[file, sealer.open(purposeOf(name), sealed)] as const]
  })
  return Object.fromEntries(found)
}

/** Seals and keeps the files that a spec names; equal contents make no new version. */
export async function keepFiles(
  database: Database,
  sealer: Sealer,
  cluster: string,
  spec: ClusterSpec,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { kind, file } of keyFilesOf(spec)) {
    const text = files[file]
    if (text === undefined) continue
    const name = credentialName(cluster, kind, file)
    const digest = keyedHash(sealer.hashKey(cluster), text)
    await putCredential(database, { name, kind, sealed: sealer.seal(purposeOf(name), text), digest })
  }
}
