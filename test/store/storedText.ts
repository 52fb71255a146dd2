import { sql } from 'kysely'
import { openStore } from '../../src/store/openStore.ts'

/** Every row of every table of a data folder's database, as text, a line each. Nobody else may have it open. */
export async function storedText(folder: string): Promise<string> {
  const { database, close } = await openStore({ folder })
  try {
    const tables = await database.introspection.getTables()
    const rows = await Promise.all(
      tables.map(({ name }) => sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(database)),
    )
    return rows.flatMap(result => result.rows.map(({ row }) => row)).join('\n')
  } finally {
    await close()
  }
}
