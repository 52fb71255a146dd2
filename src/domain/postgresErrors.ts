import { entry } from './errorEntry.ts'

/** The part of the error catalogue that is about databases on a cluster. */
export const postgresErrors = {
  'postgres-unreachable': entry(
    'failed',
    502,
    'A PostgreSQL server on the cluster does not answer, or not now',
    'Look whether its pods are ready (`kubectl get pods -A -o wide`) and at their logs, then `slipway resume`.',
  ),
  'postgres-login': entry(
    'refused',
    502,
    'A PostgreSQL server on the cluster refuses the login',
    'Compare user, password and database with the server (its Secret on the cluster, pg_hba.conf), then `slipway resume`.',
  ),
  'postgres-refused': entry(
    'failed',
    502,
    'A PostgreSQL server on the cluster refuses what is asked of it',
    'Read its words, fix the cause, then `slipway resume`.',
  ),
  'migration-failed': entry(
    'failed',
    409,
    'A migration of a database failed',
    'Fix the file, which is none that was applied, and apply; what was applied before it stays. Where the cause is in the data, fix it there and `slipway resume`.',
  ),
  'migrations-locked': entry(
    'busy',
    409,
    'Somebody else applies migrations to the database',
    'Wait until that is done, then `slipway resume`. A session that hangs is ended by `SELECT pg_terminate_backend(PID)`, with the PID that is named.',
  ),
  'migrations-refused': entry(
    'refused',
    409,
    'The migrations do not fit what the database has on record',
    'Nothing of them was applied. Do what the findings name, or accept those that can be accepted by name (--accept NAME).',
  ),
} as const
