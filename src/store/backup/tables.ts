import type pg from 'pg'
import { z } from 'zod'
import type { Table } from './format.ts'

const rowShape = z.object({ name: z.string(), columns: z.array(z.string()), needs: z.array(z.string()) })

/** Say which steps the schema has taken, and which functions it has; who restores makes both himself. */
const ofTheSchema = ['schema_migrations', 'schema_functions']

/** A table and its columns, as COPY takes them. */
export const copied = (client: pg.ClientBase, { table, columns }: Table): string =>
  `${client.escapeIdentifier(table)} (${columns.map(column => client.escapeIdentifier(column)).join(', ')})`

/** All tables of ours with the columns that are stored (not computed), each behind those that its rows refer to. */
export async function listTables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query(
    `SELECT c.relname AS name,
      (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
      ARRAY(SELECT DISTINCT f.confrelid::regclass::text FROM pg_constraint f
        WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS needs
    FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> ALL ($1)
    ORDER BY c.relname`,
    [ofTheSchema],
  )
  return inOrder(z.array(rowShape).parse(rows))
}

function inOrder(tables: readonly z.infer<typeof rowShape>[]): Table[] {
  const placed = new Map<string, Table>()
  while (placed.size < tables.length) {
    const next = tables.filter(({ name, needs }) => !placed.has(name) && needs.every(need => placed.has(need)))
    if (next.length === 0) throw new Error('tables refer to each other in a circle')
    for (const { name, columns } of next) placed.set(name, { table: name, columns })
  }
  return [...placed.values()]
}
