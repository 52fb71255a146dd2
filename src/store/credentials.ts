import { sql } from 'kysely'
import { SlipwayError } from '../domain/errors.ts'
import type { Database } from './tables.ts'
import { transaction } from './transaction.ts'

/** A version of a secret. Plans and stage arguments hold only the reference `NAME@VERSION`, never the secret. */
export interface CredentialRecord {
  readonly name: string
  readonly version: number
  readonly kind: string
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

export const credentialReference = (credential: Pick<CredentialRecord, 'name' | 'version'>): string =>
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

/** The sealed text behind a reference. @throws SlipwayError `not-found`. */
export async function readCredential(database: Database, reference: string): Promise<{ kind: string; sealed: string }> {
  const at = reference.lastIndexOf('@')
  const version = Number(reference.slice(at + 1))
  const row = Number.isSafeInteger(version)
    ? await database
        .selectFrom('credentials')
        .select(['kind', 'sealed'])
        .where('name', '=', reference.slice(0, at))
        .where('version', '=', version)
        .executeTakeFirst()
    : undefined
  if (!row) throw new SlipwayError('not-found', `there is no credential ${reference}`)
  return row
}

/** The newest version of every credential, by name; without the secret. */
export async function listCredentials(
  database: Database,
  page: { readonly after?: string; readonly limit: number },
): Promise<CredentialRecord[]> {
  return database
    .selectFrom('credentials')
    .distinctOn('name')
    .select(['name', 'version', 'kind', 'created'])
    .where('name', '>', page.after ?? '')
    .orderBy('name')
    .orderBy('version', 'desc')
    .limit(page.limit)
    .execute()
}
