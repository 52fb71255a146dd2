import type { KeyFile } from '../domain/clusterFile/keyFiles.ts'
import { keyedHash, type Sealer } from '../secrets/seal.ts'
import { newestCredentials, putCredential } from './credentials.ts'
import type { Database } from './tables.ts'

/** Name under which the contents of a file that a cluster file names are sealed and kept. */
const credentialName = (cluster: string, { kind, file }: KeyFile): string => `${cluster}/${kind.name}/${file}`
const purposeOf = (name: string): string => `credential ${name}`

/** Contents of the key files of a stored cluster, by the path as its file writes it; what is not there is left out. */
export async function readStoredFiles(
  database: Database,
  sealer: Sealer,
  cluster: string,
  named: readonly KeyFile[],
): Promise<Record<string, string>> {
  const newest = new Map((await newestCredentials(database, `${cluster}/`)).map(one => [one.name, one.sealed]))
  const found = named.flatMap(key => {
    const name = credentialName(cluster, key)
    const sealed = newest.get(name)
    return sealed === undefined ? [] : [[key.file, sealer.open(purposeOf(name), sealed)] as const]
  })
  return Object.fromEntries(found)
}

/** Seals and keeps the files that a cluster file names; equal contents make no new version. */
export async function keepFiles(
  database: Database,
  sealer: Sealer,
  cluster: string,
  named: readonly KeyFile[],
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const key of named) {
    const text = files[key.file]
    if (text === undefined) continue
    const name = credentialName(cluster, key)
    const digest = keyedHash(sealer.hashKey(cluster), text)
    await putCredential(database, { name, kind: key.kind.name, sealed: sealer.seal(purposeOf(name), text), digest })
  }
}
