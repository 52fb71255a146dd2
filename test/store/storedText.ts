import { sql } from 'kysely'
import { openStore } from '../../src/store/openStore.ts'
import type { Database } from '../../src/store/tables.ts'

/** Every row of every table as text, in the order of the texts. */
export async function rowsOf(database: Database): Promise<Map<string, string[]>> {
  const tables = await database.introspection.getTables()
  const rows = new Map<string, string[]>()
  for (const { name } of tables) {
    const result = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.table(name)} t ORDER BY 1`.execute(
      database,
    )
    rows.set(
      name,
      result.rows.map(({ row }) => row),
    )
  }
  return rows
}

/** All of a data folder's database, a row a line. Nobody else may have it open. */
export async function storedText(folder: string): Promise<string> {
  const { database, close } = await openStore({ folder })
  try {
    return [...(await rowsOf(database)).values()].flat().join('\n')
  } finally {
    await close()
  }
}
