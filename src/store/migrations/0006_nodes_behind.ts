import type { Migration } from '../migration.ts'

/** A node that was left out of a run stays behind until it has been caught up; its status says something else. */
export const nodesBehind: Migration = {
  number: 6,
  name: 'nodes that are behind',
  up: [
    `ALTER TABLE nodes
      ADD COLUMN behind_since timestamptz,
      ADD COLUMN behind_reason text,
      ADD CONSTRAINT nodes_behind CHECK ((behind_since IS NULL) = (behind_reason IS NULL))`,
  ],
  down: ['ALTER TABLE nodes DROP COLUMN behind_since, DROP COLUMN behind_reason'],
}
