import { type KeyFileKind, keyFilesOf } from '../../domain/clusterFile/keyFiles.ts'
import type { ClusterSpec } from '../../domain/cluster.ts'
import { keyedHash, type Sealer } from '../../secrets/seal.ts'
import { credentialReference, listCredentials, putCredential, readCredential } from '../../store/credentials.ts'
import type { Database } from '../../store/tables.ts'

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
  const newest = await newestVersions(database, cluster)
  const found = await Promise.all(
    keyFilesOf(spec).map(async ({ kind, file }) => {
      const name = credentialName(cluster, kind, file)
      const reference = newest.get(name)
      if (reference === undefined) return []
      const { sealed } = await readCredential(database, reference)
      return [[file, sealer.open(purposeOf(name), sealed)] as const]
    }),
  )
  return Object.fromEntries(found.flat())
}

async function newestVersions(database: Database, cluster: string): Promise<Map<string, string>> {
  const prefix = `${cluster}/`
  const references = new Map<string, string>()
  const pageSize = 500
  for (let after = prefix; ; ) {
    const page = await listCredentials(database, { after, limit: pageSize })
    for (const credential of page)
      if (credential.name.startsWith(prefix)) references.set(credential.name, credentialReference(credential))
    const last = page.at(-1)
    if (page.length < pageSize || !last?.name.startsWith(prefix)) return references
    after = last.name
  }
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
