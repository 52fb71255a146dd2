import { expect, it } from 'vitest'
import { temporaryFolder } from '../../temporaryFolder.fixture.ts'
import { startRefusal } from './refusals.ts'

it.each([
  [
    'FATAL:  could not write lock file "postmaster.pid": No space left on device',
    'folder-unusable',
    'its disk is full',
  ],
  ['PANIC:  could not write to file "pg_wal/xlogtemp.7": Disk quota exceeded', 'folder-unusable', 'its disk is full'],
  [
    'FATAL:  could not create lock file "postmaster.pid": Read-only file system',
    'folder-unusable',
    'its file system is read-only',
  ],
  ['FATAL:  could not open file "global/pg_control": Permission denied', 'folder-unusable', 'you may not write there'],
  [
    'FATAL:  could not map anonymous shared memory: Cannot allocate memory',
    'machine-exhausted',
    'Cannot allocate memory',
  ],
  [
    'FATAL:  could not create shared memory segment: No space left on device',
    'machine-exhausted',
    'shared memory segment',
  ],
  ['postgres: error while loading shared libraries: libicuuc.so.60: cannot open', 'tool-missing', 'libicuuc'],
  ['setpriv: failed to execute /x/postgres: No such file or directory', 'tool-missing', 'failed to execute'],
  ['FATAL:  could not locate required checkpoint record', 'database-damaged', 'could not locate required checkpoint'],
  ['FATAL:  database files are incompatible with server', 'database-damaged', 'incompatible with server'],
  ['PANIC:  could not locate a valid checkpoint record', 'database-damaged', 'valid checkpoint record'],
  ['FATAL:  data directory "/x" has invalid permissions', 'database-damaged', 'invalid permissions'],
  ['', 'database-damaged', 'it said nothing'],
  // Of a client that came too early, in the middle of a recovery; and what nobody knows.
  ['FATAL:  the database system is starting up', 'database-unavailable', 'did not start'],
  ['FATAL:  the database system is in recovery mode', 'database-unavailable', 'did not start'],
  ['FATAL:  terminating connection due to unforeseen weather', 'database-unavailable', 'unforeseen weather'],
])('%j is refused as %s: %s', (line, code, message) => {
  expect(startRefusal(temporaryFolder(), ['LOG:  starting PostgreSQL 18.4', line])).toMatchObject({
    code,
    message: expect.stringContaining(message),
  })
})

it('a disk without room is the reason, whatever PostgreSQL said', () => {
  // A file system that never has room.
  expect(startRefusal('/proc', ['FATAL:  anything'])).toMatchObject({
    code: 'folder-unusable',
    message: '/proc: its disk is full',
  })
})
