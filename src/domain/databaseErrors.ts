import { entry } from './errorEntry.ts'

/** The part of the error catalogue that is about the database. */
export const databaseErrors = {
  'database-unavailable': entry(
    'internal',
    503,
    'The database does not answer',
    'Check DATABASE_URL and the database server; the run goes on when it is back.',
  ),
  'database-login': entry(
    'usage',
    500,
    'The database server refuses the login',
    'Check user, password and database name in DATABASE_URL (the password may also be in PGPASSWORD), and pg_hba.conf of the server.',
  ),
  'database-rights': entry(
    'usage',
    500,
    'The database account may not do what Slipway needs',
    'Let it make tables in a schema of its own and own them: GRANT CREATE, USAGE ON SCHEMA public TO account; tables that another account has made: ALTER TABLE … OWNER TO account.',
  ),
  'database-read-only': entry(
    'usage',
    500,
    'The database takes no writes',
    'Name the primary server in DATABASE_URL, not a standby; where the account or the database is set to read only: ALTER ROLE or ALTER DATABASE … RESET default_transaction_read_only.',
  ),
  'database-pooled': entry(
    'usage',
    500,
    'The database is reached through a pooler that does not keep sessions',
    'Name the PostgreSQL server itself in DATABASE_URL (host and port of the server, not of the pooler), or a pool in session mode.',
  ),
  'database-outdated': entry(
    'usage',
    500,
    'The PostgreSQL server is too old',
    'Use PostgreSQL 14 or newer, or unset DATABASE_URL for the embedded one.',
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
