import type { Migration } from '../migration.ts'

/** Stages that a run completes without where they fail. */
export const optionalStages: Migration = {
  number: 12,
  name: 'stages that may fail',
  up: ['ALTER TABLE stage_runs ADD COLUMN optional boolean NOT NULL DEFAULT false'],
  down: ['ALTER TABLE stage_runs DROP COLUMN optional'],
}
