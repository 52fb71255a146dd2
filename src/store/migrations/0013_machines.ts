import type { Migration } from '../migration.ts'

const written = 'CASE WHEN use_external_ip AND external_ip IS NOT NULL THEN external_ip ELSE internal_ip END'
/** An expression of a generated column cannot be changed everywhere, so the column is made anew. */
const reached = (type: string, field: string) => `ALTER TABLE nodes
  DROP COLUMN ansible_ip,
  ADD COLUMN ansible_ip ${type} GENERATED ALWAYS AS (${field}) STORED,
  ADD CONSTRAINT nodes_address EXCLUDE USING btree (ansible_ip WITH =) WHERE (status <> 'removed')
    DEFERRABLE INITIALLY DEFERRED`
const first = `(split_part(${written}, ',', 1))::inet`

/**
 * Machines, and the state that Terraform keeps of each. The address of a node on one of them is observed: none is stored
 * with it. Going down loses the clusters that have such nodes, which the earlier version has no place for.
 */
export const machines: Migration = {
  number: 13,
  name: 'machines',
  up: [
    `CREATE TABLE machines (
      name text PRIMARY KEY,
      uid text NOT NULL UNIQUE,
      provider text NOT NULL,
      spec jsonb NOT NULL,
      desired_version bigint NOT NULL DEFAULT 1,
      status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'creating', 'active', 'failed', 'destroying')),
      status_since timestamptz NOT NULL DEFAULT now(),
      addresses jsonb NOT NULL DEFAULT '[]',
      internal_address text,
      last_error text,
      created timestamptz NOT NULL DEFAULT now(),
      updated timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE TABLE machine_states (
      name text PRIMARY KEY,
      sealed text NOT NULL,
      serial bigint NOT NULL,
      lineage text NOT NULL,
      updated timestamptz NOT NULL DEFAULT now()
    )`,
    reached('inet', `CASE WHEN ${written} LIKE 'machine:%' THEN NULL ELSE ${first} END`),
  ],
  down: [
    `DELETE FROM clusters WHERE id IN (SELECT cluster_id FROM nodes WHERE internal_ip LIKE 'machine:%')`,
    'SET CONSTRAINTS ALL IMMEDIATE',
    reached('inet NOT NULL', first),
    `DELETE FROM runs WHERE subject_kind = 'machine'`,
    `DELETE FROM plans WHERE subject_kind = 'machine'`,
    `DELETE FROM leases WHERE subject_kind = 'machine'`,
    'DROP TABLE machine_states',
    'DROP TABLE machines',
  ],
}
