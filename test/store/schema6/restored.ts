import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { migrateUp } from '../../../src/store/migrations.ts'
import { openDatabase } from '../../../src/store/openStore.ts'
import { createEmbedded, type TestDatabase } from '../databases.ts'

/**
 * A database as the version left it whose schema is 6: `run`, one whose worker was killed in the middle of a run;
 * `cluster`, an installed cluster of a server and an agent. In its texts `@NAME@` is replaced by what `names` says.
 */
export async function databaseOfSchema6(
  what: 'run' | 'cluster',
  names: Readonly<Record<string, string>> = {},
): Promise<TestDatabase> {
  const place = await createEmbedded()
  const { database, close } = await openDatabase(place.location)
  try {
    await migrateUp(database, 6)
    const text = readFileSync(new URL(`${what}.json`, import.meta.url), 'utf8')
    const tables: Record<string, Record<string, unknown>[]> = JSON.parse(
      text.replaceAll(/@(\w+)@/g, (_, name: string) => names[name] ?? ''),
    )
    for (const [table, rows] of Object.entries(tables)) {
      const columns = sql.join(Object.keys(rows[0] ?? {}).map(column => sql.ref(column)))
      await sql`INSERT INTO ${sql.table(table)} (${columns}) OVERRIDING SYSTEM VALUE
        SELECT ${columns} FROM json_populate_recordset(NULL::${sql.table(table)}, ${JSON.stringify(rows)}::json)`.execute(
        database,
      )
    }
  } finally {
    await close()
  }
  return place
}
