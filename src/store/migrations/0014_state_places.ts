import type { Migration } from '../migration.ts'

/**
 * Where the Terraform state of a machine is. Going down, what is kept in a backend counts as what the database has of it: the
 * copy that was seen last.
 */
export const statePlaces: Migration = {
  number: 14,
  name: 'places of states',
  up: ['ALTER TABLE machines ADD COLUMN state_place jsonb'],
  down: ['ALTER TABLE machines DROP COLUMN state_place'],
}
