import type { Migration } from '../migration.ts'

/**
 * Leases, runs and plans belong to a subject of some kind; clusters are one. Going down loses the runs and plans of
 * other kinds, which the earlier version has no place for.
 */
const tables = ['plans', 'runs', 'leases']

export const subjects: Migration = {
  number: 8,
  name: 'subjects of runs and leases',
  up: [
    ...tables.flatMap(table => [
      `ALTER TABLE ${table} RENAME COLUMN ${table === 'leases' ? 'subject' : 'cluster'} TO subject_name`,
      `ALTER TABLE ${table} ADD COLUMN subject_kind text NOT NULL DEFAULT 'cluster'`,
      `ALTER TABLE ${table} ALTER COLUMN subject_kind DROP DEFAULT`,
    ]),
    'ALTER TABLE leases DROP CONSTRAINT leases_pkey, ADD PRIMARY KEY (subject_kind, subject_name)',
    'DROP INDEX runs_active, runs_of_cluster',
    `CREATE UNIQUE INDEX runs_active ON runs (subject_kind, subject_name) WHERE status IN ('queued', 'running')`,
    'CREATE INDEX runs_of_subject ON runs (subject_kind, subject_name, created DESC)',
    `UPDATE plans SET plan = (plan - 'cluster') ||
      jsonb_build_object('subject', jsonb_build_object('kind', subject_kind, 'name', subject_name))`,
  ],
  down: [
    ...tables.toReversed().map(table => `DELETE FROM ${table} WHERE subject_kind <> 'cluster'`),
    `UPDATE plans SET plan = (plan - 'subject') || jsonb_build_object('cluster', subject_name)`,
    'SET CONSTRAINTS ALL IMMEDIATE',
    'DROP INDEX runs_active, runs_of_subject',
    'ALTER TABLE leases DROP CONSTRAINT leases_pkey',
    ...tables.flatMap(table => [
      `ALTER TABLE ${table} DROP COLUMN subject_kind`,
      `ALTER TABLE ${table} RENAME COLUMN subject_name TO ${table === 'leases' ? 'subject' : 'cluster'}`,
    ]),
    'ALTER TABLE leases ADD PRIMARY KEY (subject)',
    `CREATE UNIQUE INDEX runs_active ON runs (cluster) WHERE status IN ('queued', 'running')`,
    'CREATE INDEX runs_of_cluster ON runs (cluster, created DESC)',
  ],
}
