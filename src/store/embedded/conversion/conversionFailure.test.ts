import pg from 'pg'
import { expect, it } from 'vitest'
import { SlipwayError } from '../../../domain/errors.ts'
import { backupUnusable } from '../../backup/format.ts'
import { damaged } from '../refusals.ts'
import { conversionFailure } from './conversionFailure.ts'

const path = '/data/postgresql'
const made = '/tmp/postgresql.being-made-7'
const answer = (code: string, message: string) => Object.assign(new pg.DatabaseError(message, 1, 'error'), { code })
const systemError = (code: string) => Object.assign(new Error(code), { code, syscall: 'rename' })

it.each([
  [answer('53100', 'could not extend file "base/5/1": No space left on device'), 'folder-unusable', 'its disk is full'],
  [systemError('ENOSPC'), 'folder-unusable', 'its disk is full'],
  [systemError('EROFS'), 'folder-unusable', 'its file system is read-only'],
  [answer('53200', 'out of memory'), 'database-full', 'could not be converted: out of memory'],
  [answer('XX001', 'invalid page in block 0 of relation base/5/1'), 'database-damaged', 'invalid page'],
  [answer('58P01', 'could not open file "base/5/1": No such file'), 'database-damaged', 'could not open file'],
  [new Error('Connection terminated unexpectedly'), 'database-unavailable', 'could not be converted: the database con'],
  [backupUnusable('a row of nodes does not fit: …'), 'database-damaged', 'a row of nodes does not fit'],
  [damaged(made, 'it said nothing'), 'database-unavailable', 'could not be converted'],
  [damaged(path, 'it does not say whose it is'), 'database-damaged', 'it does not say whose it is'],
  [new SlipwayError('database-newer', 'at 99'), 'database-newer', 'at 99'],
])('%s: %s', (error, code, message) => {
  const failure = conversionFailure(error, path, made)
  expect(failure).toMatchObject({ code, message: expect.stringContaining(message) })
  expect(failure.message.startsWith(path) || code === 'database-newer').toBe(true)
})
