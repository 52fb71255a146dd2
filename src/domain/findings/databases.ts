import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found about databases and roles on a PostgreSQL server. */
export const databaseFindings = {
  'database-name': error(
    'PostgreSQL keeps no role, database or extension of this name',
    'Correct the name in the cluster file: 1 to 63 bytes; roles do not begin with pg_.',
  ),
  'database-twice': error('A role or database is wished for twice', 'Take one of them out.'),
  'database-owner-missing': error(
    'A database is to belong to a role that is not there and not wished for',
    'Wish for the role as well, or name another owner.',
  ),
  'database-rights-missing': error(
    'The role by which Slipway works on a PostgreSQL server may not make what is wished for',
    'Log in as another role, or let a superuser give it the right that is named.',
  ),
  'extension-unavailable': error(
    'A PostgreSQL server does not bring an extension, or not in the version that is wished for',
    'Use an image of PostgreSQL that brings it, or take it out of the cluster file.',
  ),
  'role-password-differs': acceptable(
    'A role is there and has another password than the one that is wished for, or may have: not every server tells',
    'Take its password over into the file or Secret that holds it; or accept that it is replaced: whoever uses the old one is locked out.',
  ),
} as const satisfies Record<string, FindingEntry>
