import { SlipwayError } from '../../../domain/errors.ts'
import { migrationStanding } from '../../../postgres/migrations/apply.ts'
import type { Migration } from '../../../postgres/migrations/files.ts'
import type { MigrationStanding } from '../../../postgres/migrations/standing.ts'
import type { PostgresTarget } from '../../../postgres/session.ts'
import { attempt, type Attempted } from '../../attempt.ts'
import type { SecretPlace } from '../../databases/login.ts'
import { readLogin } from '../../databases/login.ts'
import type { ReachedServer } from '../../databases/reach.ts'
import type { KnownServer } from '../../databases/users.ts'
import { readMigrationFolder } from '../../migrationFiles.ts'
import type { PlatformSession } from '../../platformSession.ts'
import type { Folder } from './schema.ts'

/** A folder with who applies it. */
export interface MigrationFolder {
  readonly database: string
  readonly migrations: readonly Migration[]
  /** Null: the administrator of the server. */
  readonly role: { readonly name: string; readonly secret: SecretPlace } | null
  /** Nobody knows a login of who is meant. */
  readonly unknownRole: string | null
}

/** @throws SlipwayError `file-unreadable` that names what is wrong with the files. */
export async function readFolder(
  { database, path, as }: Folder,
  { secretOf, ownerOf }: KnownServer,
  session: PlatformSession,
): Promise<MigrationFolder> {
  const reading = readMigrationFolder(await session.openFile(path))
  if (!reading.ok) throw new SlipwayError('file-unreadable', `${path}: ${reading.fault.message}`)
  const name = as ?? ownerOf(database)
  const secret = name === null ? null : secretOf(name)
  return {
    database,
    migrations: reading.value,
    role: name !== null && secret ? { name, secret } : null,
    unknownRole: as !== undefined && !secret ? as : null,
  }
}

/** The database of a folder, as who applies it. @throws SlipwayError as `readLogin` says. */
export async function targetOf(
  { database, role }: MigrationFolder,
  { client, target }: ReachedServer,
  session: PlatformSession,
  signal: AbortSignal,
): Promise<PostgresTarget> {
  if (!role) return { ...target, database }
  const { user, password } = await readLogin(client, role.secret, session, { signal })
  return { ...target, database, user, password }
}

/** Where each database stands; what is wrong with one says nothing of the others. */
export const lookAtFolders = (
  folders: readonly MigrationFolder[],
  reached: ReachedServer,
  session: PlatformSession,
  signal: AbortSignal,
): Promise<{ readonly folder: MigrationFolder; readonly standing: Attempted<MigrationStanding> }[]> =>
  Promise.all(
    folders.map(async folder => {
      const look = async () =>
        migrationStanding(await targetOf(folder, reached, session, signal), folder.migrations, signal)
      return { folder, standing: await attempt(look(), signal) }
    }),
  )
