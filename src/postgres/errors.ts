import type pg from 'pg'
import { type ErrorDetails, SlipwayError } from '../domain/errors.ts'

/** The answer of a server, with its SQLSTATE as `code`. */
export const isServerError = (error: unknown): error is pg.DatabaseError =>
  error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'

export const hasState = (error: unknown, ...states: readonly string[]): boolean =>
  isServerError(error) && states.includes(error.code ?? '')

/** The server goes, comes, or has no place for one more: of a statement that says nothing. */
export const isAway = (error: pg.DatabaseError): boolean => /^(08...|57P0[1-5]|53300|25P03)$/.test(error.code ?? '')

/** A database from which another one is made, while somebody is connected to it. */
const inUse = '55006'

/**
 * What it means that a server said no, or nothing. The server's words are kept, without the rows that it quotes.
 * @param about what was asked: `database shop at db-0`. @returns `postgres-unreachable` (fact `passing`),
 * `postgres-login`, `postgres-refused` (fact `state`: the SQLSTATE); what is a SlipwayError already stays one.
 */
export function postgresError(error: unknown, about: string): SlipwayError {
  if (error instanceof SlipwayError) return error
  if (!isServerError(error)) {
    const why = error instanceof AggregateError ? firstOf(error) : error
    const words = why instanceof Error ? why.message : String(why)
    return new SlipwayError('postgres-unreachable', `${about}: ${words}`, { cause: error, facts: { passing: true } })
  }
  const state = error.code ?? ''
  const details: ErrorDetails = {
    cause: error,
    facts: { state, passing: isAway(error) || state === inUse },
    ...remedyOf(state),
  }
  const message = `${about}: ${told(error)}`
  if (isAway(error)) return new SlipwayError('postgres-unreachable', message, details)
  return new SlipwayError(state.startsWith('28') ? 'postgres-login' : 'postgres-refused', message, details)
}

const firstOf = ({ errors: [first] }: AggregateError): unknown => first

function remedyOf(state: string): Pick<ErrorDetails, 'remedy'> {
  const remedy = remedies[state]
  return remedy === undefined ? {} : { remedy }
}

const remedies: Readonly<Record<string, string>> = {
  '25006':
    'Lead there where the primary is: this server takes no writes (a standby, or default_transaction_read_only).',
  '42501':
    'Use a role that may do it, or grant it (GRANT …; a database is altered by its owner), then `slipway resume`.',
  '3D000': 'Let database-init make the database, or name one that is there.',
  '55P03': 'Somebody holds a lock that is needed: see pg_locks and pg_stat_activity who; then `slipway resume`.',
  '57014': 'It took longer than it may. Give it more time, or make less of it at once; then `slipway resume`.',
  '25001': 'Move the statement into a file of its own that begins with the line: -- slipway: no-transaction.',
}

/** Characters of what a server says that are shown. */
const mostWords = 1000

/** On one line: `relation "a" does not exist (SQLSTATE 42P01); hint: …`. */
export function told({ message, code, detail, hint, where }: pg.DatabaseError): string {
  const parts = [
    `${message} (SQLSTATE ${code ?? '?????'})`,
    ...(detail ? [withoutRows(detail)] : []),
    ...(hint ? [`hint: ${hint}`] : []),
    ...(where ? [`in: ${placeOf(where)}`] : []),
  ]
  const line = parts.join('; ').replaceAll(/\s+/g, ' ')
  return line.length > mostWords ? `${line.slice(0, mostWords)}…` : line
}

/** The innermost function, or what else was done; not the statement or the row, which are quoted there. */
function placeOf(where: string): string {
  const lines = where.split('\n')
  return lines.find(line => line.startsWith('PL/')) ?? (lines[0] ?? '').replace(/:? ".*$/, '')
}

/** Values of rows are the data of the users: `Key (email)=(••••) already exists.` */
const withoutRows = (detail: string): string =>
  detail.replace(/^(Failing row contains) \(.*\)\.?$/s, '$1 (••••).').replace(/\)=\(.*\)(?= [a-z]|\.|$)/s, ')=(••••)')
