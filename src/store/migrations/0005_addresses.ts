import type { Migration } from '../migration.ts'

/**
 * A node may have an address of each family, `10.0.0.11,fd00::11`; the first is the one that it is reached at. An
 * expression of a generated column cannot be changed everywhere, so the column is made anew. Going down keeps the first
 * address of each node and loses the second, which the earlier version has no place for.
 */
const reached = (field: string) => `ALTER TABLE nodes
  DROP COLUMN ansible_ip,
  ADD COLUMN ansible_ip inet NOT NULL GENERATED ALWAYS AS (${field}) STORED,
  ADD CONSTRAINT nodes_address EXCLUDE USING btree (ansible_ip WITH =) WHERE (status <> 'removed')
    DEFERRABLE INITIALLY DEFERRED`

const written = 'CASE WHEN use_external_ip AND external_ip IS NOT NULL THEN external_ip ELSE internal_ip END'

export const addresses: Migration = {
  number: 5,
  name: 'nodes with an address of each family',
  up: [reached(`(split_part(${written}, ',', 1))::inet`)],
  down: [
    // What an update leaves for the end of the transaction would keep the table from being altered.
    'SET CONSTRAINTS ALL IMMEDIATE',
    `UPDATE nodes SET internal_ip = split_part(internal_ip, ',', 1), external_ip = split_part(external_ip, ',', 1)
      WHERE internal_ip LIKE '%,%' OR external_ip LIKE '%,%'`,
    reached(`(${written})::inet`),
  ],
}
