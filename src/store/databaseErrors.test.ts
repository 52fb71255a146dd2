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

it.each(lost)('a lost connection is one that another try may mend: %s', message => {
  expect(translateDatabaseError(new Error(message))).toMatchObject({ code: 'database-unavailable' })
})

it('a mistake in a statement stays what it is', () => {
  const mistake = Object.assign(new Error('column "x" does not exist'), { code: '42703' })
  expect(translateDatabaseError(mistake)).toBe(mistake)
})
