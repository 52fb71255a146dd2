import type { Migration } from '../migration.ts'

/** Machines and the state that Terraform keeps of each. A state outlives its machine's row: it tells what there was. */
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
  ],
  down: [
    `DELETE FROM plans WHERE subject_kind = 'machine'`,
    `DELETE FROM runs WHERE subject_kind = 'machine'`,
    `DELETE FROM leases WHERE subject_kind = 'machine'`,
    'DROP TABLE machine_states',
    'DROP TABLE machines',
  ],
}
