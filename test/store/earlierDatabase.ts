import { cpSync, existsSync } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { loadSealer } from '../../src/secrets/seal.ts'
import { putCredential } from '../../src/store/credentials.ts'
import { openStore, type Store, type StoreLocation } from '../../src/store/openStore.ts'
import { startRun } from '../../src/store/startRun.ts'
import { openSealer } from '../../src/server/openSealer.ts'
import { hashOf, made, schema, templateOf } from './databaseTemplate.ts'
import { ofEarlierSlipway, withEarlierKept } from './earlierVersion.ts'
import { aCluster, clusterFileOf, node } from './fixtures.ts'
import { onePlan } from './onePlan.ts'
import { rowsOf } from './storedText.ts'
import { temporaryFolder } from './temporaryFolder.ts'

export const secret = 'what only the key opens'
export const asEarlier = (folder: string): StoreLocation => ({ folder, versions: ofEarlierSlipway })
export const asNewer = (folder: string): StoreLocation => ({ folder, versions: withEarlierKept })

const own = hashOf('test/store/earlierDatabase.ts', 'test/store/fixtures.ts', 'test/store/earlier/package.json')
const template = templateOf(`earlier-${made}-${schema}-${own}`)

/**
 * A data folder whose database is of the earlier version: clusters, text of all kinds, a secret, a run under way. Made
 * once, and copied.
 */
export async function earlierFolder(): Promise<string> {
  if (!existsSync(template)) {
    const fresh = temporaryFolder('template')
    await fill(fresh)
    // Another test may have been first.
    await rename(fresh, template).catch(() => rm(fresh, { recursive: true }))
  }
  return copyOf(template)
}

async function fill(folder: string): Promise<void> {
  const store = await openStore(asEarlier(folder))
  try {
    await aCluster(store, 'demo', 1, 3)
    await aCluster(store, 'gone', 2, 3)
    await sql`UPDATE nodes SET last_error = ${'tab\t backslash \\. line\nend \\n ünï – 🚢 "\\N"'}, node_vars = '{"ä": [1e3, null, "\\u0007"]}'
      WHERE hostname = 'w1'`.execute(store.database)
    // Numbers that were given away, and that nobody has any more.
    await sql`DELETE FROM clusters WHERE name = 'gone'`.execute(store.database)
    const sealed = (await openSealer(store.database, join(folder, 'sealing-key'))).seal('demo/ssh', secret)
    await putCredential(store.database, { name: 'demo/ssh', kind: 'ssh-key', sealed, digest: 'of it' })
    await startRun(store.database, {
      desired: clusterFileOf('second', [node('m1', '10.3.0.1', 'initial_master')]),
      written: null,
      storedVersion: 0,
      plan: onePlan('second'),
      approval: { by: 'test', accepted: [] },
      keep: async () => {},
    })
    // Two thirds of the files are those of databases that nobody uses: every test copies all of them.
    await sql`UPDATE pg_database SET datistemplate = false`.execute(store.database)
    await sql`DROP DATABASE template0`.execute(store.database)
    await sql`DROP DATABASE template1`.execute(store.database)
  } finally {
    await store.close()
  }
}

/** A data folder of its own, with all that is in another one. */
async function copyOf(folder: string): Promise<string> {
  const copy = temporaryFolder('conversion')
  cpSync(folder, copy, { recursive: true })
  await chmod(join(copy, 'postgresql'), 0o700)
  return copy
}

/** Every row, but for what each opening changes, and when functions were made, which a conversion makes anew. */
export async function rowsIn({ database }: Store): Promise<Map<string, string[]>> {
  const rows = await rowsOf(database)
  const installations = await sql<{ row: string }>`SELECT (id, sealing_key, created)::text AS row
    FROM installation`.execute(database)
  const functions = await sql<{ row: string }>`SELECT (name, checksum)::text AS row
    FROM schema_functions ORDER BY name`.execute(database)
  return rows
    .set(
      'installation',
      installations.rows.map(({ row }) => row),
    )
    .set(
      'schema_functions',
      functions.rows.map(({ row }) => row),
    )
}

/** What a Slipway of that time finds. */
export async function openedAsEarlier(
  folder: string,
): Promise<{ readonly rows: Map<string, string[]>; readonly epoch: number }> {
  const store = await openStore(asEarlier(folder))
  const rows = await rowsIn(store)
  await store.close()
  return { rows, epoch: store.installation.epoch }
}

export async function openedSecret(store: Store, folder: string): Promise<string> {
  const { sealed } = await store.database.selectFrom('credentials').select('sealed').executeTakeFirstOrThrow()
  return loadSealer(join(folder, 'sealing-key')).open('demo/ssh', sealed)
}
