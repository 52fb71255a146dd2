import type { Migration } from '../migration.ts'

/** What a cluster file says of a node that only its distribution knows, beside its settings: which files it gets. */
export const nodeFields: Migration = {
  number: 11,
  name: 'fields of nodes that are a distribution’s own',
  up: ['ALTER TABLE nodes ADD COLUMN spec jsonb'],
  down: ['ALTER TABLE nodes DROP COLUMN spec'],
}
