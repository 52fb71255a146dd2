import { acceptable, error, type FindingEntry } from './entry.ts'

/** What is found in folders of SQL files, and where they are compared with what a database has. */
export const migrationFindings = {
  'migration-name': error(
    'A file of a folder of migrations is not called as one',
    'Call it by its number, then _ or - and what it does: 001_init.sql.',
  ),
  'migration-doubled': error('Two migrations have the same number', 'Give each a number of its own.'),
  'migration-empty': error('A migration is empty', 'Write into it what is to be done, or take it out of the folder.'),
  'migration-no-text': error('A migration is not UTF-8 text', 'Save it as UTF-8.'),
  'migration-unclosed': error(
    'In a migration a quote, a comment or a parenthesis is not closed',
    'Close it; the line where it begins is named.',
  ),
  'migration-psql': error(
    'A migration holds what only psql understands',
    'Write it as SQL: \\i and \\copy are commands of psql, and COPY … FROM STDIN takes rows that psql sends.',
  ),
  'migration-transaction': error(
    'A migration begins or ends a transaction of its own',
    'Take BEGIN and COMMIT out: each file is one transaction, together with the record that it was applied.',
  ),
  'migration-needs-no-transaction': error(
    'A migration holds a statement that PostgreSQL runs in no transaction',
    'Move it into a file of its own that begins with the line: -- slipway: no-transaction.',
  ),
  'migration-mark': error(
    'The first line of a migration asks for something that Slipway does not know',
    'What there is: -- slipway: no-transaction.',
  ),
  'migration-changed': error(
    'A migration that was applied has other contents now',
    'Put the file back as it was, and write the change into a new file.',
  ),
  'migration-missing': acceptable(
    'A migration was applied and is not in the folder',
    'Put the file back; or accept that it is gone: what it has done stays.',
  ),
  'migration-out-of-order': acceptable(
    'A migration is to be applied after one with a higher number',
    'Give it a number above the highest; or accept that it is applied now, after those.',
  ),
  'migration-half-done': acceptable(
    'A migration without a transaction was begun and did not come to its end',
    'Look at what it has done, and take that back where it cannot be done twice; then accept that it is run again from its beginning.',
  ),
} as const satisfies Record<string, FindingEntry>
