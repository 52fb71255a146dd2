import { createHash } from 'node:crypto'
import type { FolderFile } from '../../domain/clusterFile/folderArchive.ts'
import type { KeyFileFault } from '../../domain/clusterFile/secretLine.ts'
import {
  controlsTransaction,
  needsNoTransaction,
  placeIn,
  splitStatements,
  type Statement,
  takesRows,
} from './statements.ts'

/** One file of SQL that is applied once. */
export interface Migration {
  /** Digits, without zeros before them. */
  readonly number: string
  /** Of the file. */
  readonly name: string
  /** sha256 of what is run, in hex: see `normalised`. */
  readonly checksum: string
  readonly sql: string
  readonly statements: readonly Statement[]
  /** Whether it is one transaction, together with the record of it. */
  readonly transaction: boolean
}

export type MigrationsReading =
  | { readonly ok: true; readonly migrations: readonly Migration[] }
  | { readonly ok: false; readonly faults: readonly KeyFileFault[] }

/** What a database keeps in a bigint, whatever the digits. */
const mostDigits = 18
const namePattern = /^(\d+)[_-](.+)\.sql$/i
const marks = /^--[ \t]*slipway:[ \t]*(.*?)[ \t]*$/
const noTransaction = 'no-transaction'

/** The files of SQL of a folder in the order of their numbers: 2 comes before 10. Other files are none of them. Pure. */
export function readMigrations(files: readonly FolderFile[]): MigrationsReading {
  const faults: KeyFileFault[] = []
  const migrations = files
    .filter(({ path }) => /\.sql$/i.test(path))
    .flatMap((file): Migration[] => {
      const read = readMigration(file)
      if (Array.isArray(read)) faults.push(...read)
      return Array.isArray(read) ? [] : [read]
    })
    .toSorted((one, other) => compareNumbers(one.number, other.number) || (one.name < other.name ? -1 : 1))
  for (const [at, { number, name }] of migrations.entries()) {
    const before = migrations[at - 1]
    if (before?.number === number)
      faults.push({
        name: 'migration-doubled',
        message: `${before.name} and ${name} have the same number ${number}`,
        remedy: 'Give each file a number of its own; one that is applied already keeps the number that it has.',
      })
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, migrations }
}

/** Of numbers written in digits without zeros before them. */
export const compareNumbers = (one: string, other: string): number =>
  one.length - other.length || (one < other ? -1 : Number(one > other))

/**
 * What is run, and what the checksum is of: without the mark that some editors put before UTF-8, and with the line ends
 * of Unix. Git may write the same commit with either, and a colleague's checkout must not look like a change.
 */
function normalised(contents: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(contents).replaceAll('\r\n', '\n')
    // PostgreSQL keeps no text with it, and ends a statement there.
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

function readMigration({ path, contents }: FolderFile): Migration | KeyFileFault[] {
  const [, digits = '', title] = namePattern.exec(path) ?? []
  const number = digits.replace(/^0+(?=\d)/, '')
  if (title === undefined || path.includes('/') || number.length > mostDigits) return [namedWrong(path)]
  const sql = normalised(contents)
  if (sql === null)
    return [{ name: 'migration-no-text', message: `${path} is not UTF-8 text`, remedy: 'Save it as UTF-8.' }]
  if (sql.trim() === '')
    return [
      {
        name: 'migration-empty',
        message: `${path} is empty`,
        remedy: 'Write into it what is to be done, or take it out of the folder.',
      },
    ]
  const asked = marks.exec(sql.split('\n', 1)[0] ?? '')?.[1]
  if (asked !== undefined && asked !== noTransaction)
    return [
      {
        name: 'migration-mark',
        message: `${path}:1 asks for ${JSON.stringify(asked.slice(0, 40))}, which is not known`,
        remedy: `What there is: -- slipway: ${noTransaction}`,
      },
    ]
  const split = splitStatements(sql)
  if (!split.ok) {
    const where = `${path}:${placeIn(sql, split.start).line}`
    return [split.kind === 'psql' ? ofPsql(where, 'a command of psql (\\)') : unclosed(where)]
  }
  const transaction = asked === undefined
  const faults = split.statements.flatMap(statement => statementFaults(statement, path, sql, transaction))
  if (faults.length > 0) return faults
  const checksum = createHash('sha256').update(sql).digest('hex')
  return { number, name: path, checksum, sql, statements: split.statements, transaction }
}

function statementFaults(statement: Statement, path: string, sql: string, transaction: boolean): KeyFileFault[] {
  const where = `${path}:${placeIn(sql, statement.start).line}`
  if (takesRows(statement)) return [ofPsql(where, 'COPY … FROM STDIN, whose rows psql sends')]
  if (!transaction) return []
  const beginning = statement.words.slice(0, 3).join(' ')
  if (controlsTransaction(statement))
    return [
      {
        name: 'migration-transaction',
        message: `${where}: ${statement.words[0]} begins or ends a transaction, and the file is one by itself`,
        remedy: `Take BEGIN and COMMIT out of ${path}: what is in it is applied as a whole or not at all.`,
      },
    ]
  if (!needsNoTransaction(statement)) return []
  return [
    {
      name: 'migration-needs-no-transaction',
      message: `${where}: PostgreSQL runs ${beginning} in no transaction`,
      remedy: `Move it into a file of its own that begins with the line: -- slipway: ${noTransaction}`,
    },
  ]
}

function namedWrong(path: string): KeyFileFault {
  if (path.includes('/'))
    return {
      name: 'migration-name',
      message: `${path} lies in a folder below the one that is named`,
      remedy: 'Put all migrations into one folder.',
    }
  return {
    name: 'migration-name',
    message: `${path} has no number at its beginning, or one of more than ${mostDigits} digits`,
    remedy: 'Call it by its number, then _ or - and what it does: 001_init.sql.',
  }
}

const unclosed = (where: string): KeyFileFault => ({
  name: 'migration-unclosed',
  message: `${where}: a quote, a comment or a parenthesis begins there and is not closed`,
  remedy: 'Close it.',
})

const ofPsql = (where: string, what: string): KeyFileFault => ({
  name: 'migration-psql',
  message: `${where}: ${what}`,
  remedy: 'Write it as SQL: rows as INSERT, what another file has into this one.',
})
