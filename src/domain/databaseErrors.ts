import { entry } from './errorEntry.ts'

/** The part of the error catalogue that is about the database. */
export const databaseErrors = {
  'database-unavailable': entry(
    'internal',
    503,
    'The database does not answer',
    'Check DATABASE_URL and the database server; the run goes on when it is back.',
  ),
  'database-damaged': entry(
    'usage',
    500,
    'The embedded database is damaged',
    'Restore the newest backup: move postgresql and identity out of the data folder, then slipway db restore FILE (docs/operations.md). Nothing was changed; to begin anew, name another SLIPWAY_HOME.',
  ),
  'database-foreign': entry(
    'usage',
    500,
    'The data folder holds a database that this version does not work with',
    'Use the version that made it, or name another SLIPWAY_HOME. Nothing was changed.',
  ),
  'database-account': entry(
    'usage',
    500,
    'The embedded PostgreSQL cannot run as root here',
    'Run Slipway as another user, or allow user namespaces to root (sysctl user.max_user_namespaces; in a container its seccomp profile), or name a PostgreSQL server in DATABASE_URL.',
  ),
  'database-full': entry(
    'failed',
    503,
    'The database has no room left',
    'Free space on its disk (or memory) where the database is, then `slipway resume`.',
  ),
  'database-newer': entry(
    'usage',
    500,
    'The database was written by a newer Slipway',
    'Use that version, or migrate down with it first.',
  ),
  'database-not-empty': entry(
    'refused',
    412,
    'A backup is restored into an empty database only',
    'Name an empty place: another SLIPWAY_HOME, or the URL of an empty database. Nothing was changed.',
  ),
  'backup-unusable': entry(
    'usage',
    400,
    'The file is no complete backup of Slipway',
    'Take another one (`slipway db backup` checks what it has written). Nothing was changed.',
  ),
  'backup-newer': entry(
    'usage',
    400,
    'The backup was written by a newer Slipway',
    'Use that version, or a newer one. Nothing was changed.',
  ),
} as const
