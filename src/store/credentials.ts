import { sql, type SqlBool } from 'kysely'
import type { Database } from './tables.ts'
import { transaction } from './transaction.ts'

/** A version of a secret. Plans and stage arguments hold only the reference `NAME@VERSION`, never the secret. */
export interface CredentialRecord {
  readonly name: string
  readonly version: number
  readonly kind: string
  readonly sealed: string
  readonly created: string
}

export interface NewCredential {
  readonly name: string
  /** `ssh-key`, `sudo-password`, `registry-auth` … */
  readonly kind: string
  readonly sealed: string
  /** Keyed hash of the clear text: equal secrets make no new version. */
  readonly digest: string
}

const credentialReference = (credential: Pick<CredentialRecord, 'name' | 'version'>): string =>
  `${credential.name}@${credential.version}`

/** Stores a secret, or finds that its newest version is the same. Returns the reference. */
export async function putCredential(database: Database, credential: NewCredential): Promise<string> {
  return transaction(database, async tx => {
    await sql`SELECT pg_advisory_xact_lock(hashtext(${`credential ${credential.name}`}))`.execute(tx)
    const newest = await tx
      .selectFrom('credentials')
      .select(['name', 'version', 'digest'])
      .where('name', '=', credential.name)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (newest?.digest === credential.digest) return credentialReference(newest)
    const version = (newest?.version ?? 0) + 1
    await tx
      .insertInto('credentials')
      .values({ ...credential, version })
      .execute()
    return credentialReference({ name: credential.name, version })
  })
}

/** The newest version of every credential whose name begins with `prefix`. */
export async function newestCredentials(database: Database, prefix: string): Promise<CredentialRecord[]> {
  return (
    database
      .selectFrom('credentials')
      .distinctOn('name')
      .select(['name', 'version', 'kind', 'sealed', 'created'])
      // Not by comparing names: what lies behind what depends on the database's collation.
      .where(eb => eb.fn<SqlBool>('starts_with', ['name', eb.val(prefix)]))
      .orderBy('name')
      .orderBy('version', 'desc')
      .execute()
  )
}
