import { expect, it } from 'vitest'
import { translateDatabaseError } from './databaseErrors.ts'

/** What node-postgres says, without any code, of a connection that went away under it. */
const lost = [
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
]

it.each(lost)('a lost connection is one that another try may fix: %s', message => {
  expect(translateDatabaseError(new Error(message))).toMatchObject({ code: 'database-unavailable' })
})

it('a statement that was broken off because its database ends may be tried again; one that took too long not', () => {
  const cancelled = (why: string) => Object.assign(new Error(`canceling statement due to ${why}`), { code: '57014' })
  expect(translateDatabaseError(cancelled('user request'))).toMatchObject({ code: 'database-unavailable' })
  const late = cancelled('statement timeout')
  expect(translateDatabaseError(late)).toBe(late)
})

it('a mistake in a statement stays what it is', () => {
  const mistake = Object.assign(new Error('column "x" does not exist'), { code: '42703' })
  expect(translateDatabaseError(mistake)).toBe(mistake)
})

it.each(['53100', '53200', '53400'])('a database that has no room left says what to free (%s)', code => {
  const full = Object.assign(new Error('could not extend file "base/5/16": No space left on device'), { code })
  expect(translateDatabaseError(full)).toMatchObject({ code: 'database-full', message: full.message })
})

it.each([
  ['28P01', 'password authentication failed for user "slipway"', 'database-login'],
  ['28000', 'no pg_hba.conf entry for host "10.0.0.1"', 'database-login'],
  ['3D000', 'database "slipway" does not exist', 'database-login'],
  ['42501', 'permission denied for table runs', 'database-rights'],
  ['25006', 'cannot execute INSERT in a read-only transaction', 'database-read-only'],
  ['08P01', 'unsupported startup parameter: statement_timeout', 'database-pooled'],
])('what a server says of itself or the account is no lost connection (%s)', (code, message, meaning) => {
  const said = Object.assign(new Error(message), { code })
  expect(translateDatabaseError(said)).toMatchObject({ code: meaning, message: expect.stringContaining(message) })
})
