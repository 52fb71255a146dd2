import { isErrorCode, SlipwayError } from '../domain/errors.ts'
import { serverRefusal } from './serverRefusals.ts'

/** What a driver's error carries. */
interface DriverError extends Error {
  readonly code?: string
  readonly detail?: string
  readonly constraint?: string
}

export function isDriverError(error: unknown): error is DriverError {
  return error instanceof Error && (!('code' in error) || typeof error.code === 'string')
}

/** Network errors and SQLSTATEs after which the same transaction may succeed on another connection. */
const connectionLost = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
  '25P03',
  '53300',
  // Two transactions in each other's way: PostgreSQL asks to try again.
  '40001',
  '40P01',
])
/** The last: a process of a database that has died is told to end, and first breaks off what it does. */
const lostMessages =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection|Client was closed|canceling statement due to user request/

/** Whether the database refused with this SQLSTATE, and because of this constraint. */
export const hasCode = (error: unknown, sqlState: string, constraint?: string): boolean =>
  isDriverError(error) && error.code === sqlState && (constraint === undefined || error.constraint === constraint)

/**
 * Errors that our own SQL functions raise have an SQLSTATE of class SW and the catalogue's code as detail; lost
 * connections become `database-unavailable`, a database without room `database-full`, and what the server says of itself or
 * the account is told as that. Everything else stays what it is.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (!isDriverError(error)) return error
  if (error.code?.startsWith('SW') && isErrorCode(error.detail)) return new SlipwayError(error.detail, error.message)
  const refusal = serverRefusal(error)
  if (refusal) return refusal
  if (connectionLost.has(error.code ?? '') || error.code?.startsWith('08') || lostMessages.test(error.message))
    return new SlipwayError('database-unavailable', `the database connection failed: ${error.message}`, {
      cause: error,
    })
  if (error.code?.startsWith('53')) return new SlipwayError('database-full', error.message, { cause: error })
  return error
}
