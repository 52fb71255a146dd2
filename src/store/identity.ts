import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { settlePlaces } from './eventOrder.ts'
import { releaseAllLeases } from './leases.ts'
import { folderUnusable } from './makeFolder.ts'
import type { Database, DatabaseTransaction } from './tables.ts'
import { transaction } from './transaction.ts'

export interface Installation {
  readonly id: string
  /** First part of every fence. Grows when this database turns out to be a copy or a restored one. */
  readonly epoch: number
}

/** Where a database lives: `read` says it now, `next` gives it another name for the next opening (synchronous). */
export interface Home {
  read(database: Database): Promise<string>
  next(now: string): string
}

/**
 * `mark`: 6 hex characters with which begins whatever this installation marks at providers of machines; `epochs`: all that
 * there were.
 */
export async function findInstallation(
  database: Database,
): Promise<Pick<Installation, 'epoch'> & { readonly mark: string; readonly epochs: unknown }> {
  const { id, epoch, epochs } = await database
    .selectFrom('installation')
    .select(['id', 'epoch', 'epochs'])
    .executeTakeFirstOrThrow()
  return { mark: id.slice(0, 6), epoch, epochs }
}

/**
 * A restored or copied database would hand out fence numbers again that hosts have seen already. So the database
 * remembers where it lives; when it wakes up elsewhere, the epoch grows and every lease in it is void.
 */
export async function settleIdentity(database: Database, home: Home): Promise<Installation> {
  return transaction(database, async tx => {
    await sql`SELECT pg_advisory_xact_lock(7365191)`.execute(tx)
    const here = await home.read(tx)
    await sql`INSERT INTO installation (id, epoch, identity, epochs)
      SELECT ${randomUUID()}, 1, ${here}, '[{ "epoch": 1, "after": 0 }]'
      WHERE NOT EXISTS (SELECT FROM installation)`.execute(tx)
    const { identity } = await tx.selectFrom('installation').select('identity').executeTakeFirstOrThrow()
    const moved = identity !== here
    if (moved) await raiseEpoch(tx)
    return tx
      .updateTable('installation')
      .set({ identity: home.next(here) })
      .returning(['id', 'epoch'])
      .executeTakeFirstOrThrow()
  })
}

async function raiseEpoch(tx: DatabaseTransaction): Promise<void> {
  await releaseAllLeases(tx)
  const after = await settlePlaces(tx)
  await tx.updateTable('installation').set({ epoch: raisedEpoch }).execute()
  await sql`UPDATE installation SET epochs = epochs ||
    jsonb_build_object('epoch', epoch, 'after', ${after}::bigint)`.execute(tx)
}

/** By time, so that two copies of one database have epochs of their own: the one that was opened later the higher. */
const raisedEpoch = sql<number>`greatest(epoch + 1, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)`

/**
 * A folder: its inode and birth tell a copied folder, a token that changes with every opening (in a file beside the
 * database and in the database) tells a database put back in place. A crash between file and database raises the
 * epoch for nothing, which does no harm.
 */
export function folderHome(folder: string): Home {
  const file = join(folder, 'identity')
  const place = (): string => {
    const { ino, birthtimeNs } = statSync(folder, { bigint: true })
    return `${ino}.${birthtimeNs}`
  }
  return {
    read: async () => `${readToken(file)} ${place()}`,
    next() {
      const token = randomUUID()
      try {
        writeFileSync(`${file}.new`, `${token}\n`, { mode: 0o600, flush: true })
        renameSync(`${file}.new`, file)
      } catch (error) {
        throw folderUnusable(file, error)
      }
      return `${token} ${place()}`
    },
  }
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'none'
    throw error
  }
}

/**
 * A PostgreSQL database: the cluster it is in, its timeline (a point-in-time restore starts a new one), the
 * database and the table (a dump that is restored makes them anew).
 */
export const serverHome: Home = {
  async read(database) {
    const { rows } = await sql<{ identity: string }>`SELECT concat_ws('/',
      (SELECT system_identifier FROM pg_control_system()), (SELECT timeline_id FROM pg_control_checkpoint()),
      (SELECT oid FROM pg_database WHERE datname = current_database()), 'installation'::regclass::oid) AS identity`.execute(
      database,
    )
    return rows[0]?.identity ?? ''
  },
  next: now => now,
}
