import type { KeyFileFault } from '../../domain/clusterFile/secretLine.ts'
import { compareNumbers, type Migration } from './files.ts'

/** What the database has on record of a migration. */
export interface RecordedMigration {
  readonly number: string
  readonly name: string
  readonly checksum: string
  /** ISO 8601; null: it was begun without a transaction and has not come to its end. */
  readonly applied_at: string | null
  readonly duration_ms: number | null
  /** Role of the database that applied it. */
  readonly applied_by: string
}

/** Where a database stands: what a plan, a run and a status tell from. */
export interface MigrationStanding {
  readonly applied: readonly RecordedMigration[]
  /** To be run, in their order; one that is half done is run again from its beginning. */
  readonly pending: readonly Migration[]
  readonly findings: readonly MigrationFinding[]
}

export interface MigrationFinding extends KeyFileFault {
  readonly number: string
}

/** Pure. @param files in their order. */
export function standingOf(
  files: readonly Migration[],
  recorded: readonly RecordedMigration[],
  /** Indexes that a half-done file may have left behind; see `invalidIndexes`. */
  invalidIndexes: readonly string[] = [],
): MigrationStanding {
  const byNumber = new Map(recorded.map(each => [each.number, each]))
  const isDone = (number: string) => (byNumber.get(number)?.applied_at ?? null) !== null
  const applied = recorded
    .filter(({ number }) => isDone(number))
    .toSorted((one, other) => compareNumbers(one.number, other.number))
  const pending = files.filter(({ number }) => !isDone(number))
  const newest = applied.at(-1)
  const findings = [
    ...files.flatMap(file => changed(file, byNumber.get(file.number))),
    ...recorded.filter(({ number }) => !files.some(file => file.number === number)).map(row => missing(row, files)),
    ...pending.flatMap(file => {
      const begun = byNumber.get(file.number)
      if (begun) return [halfDone(file, invalidIndexes)]
      return newest && compareNumbers(file.number, newest.number) < 0 ? [outOfOrder(file, newest)] : []
    }),
  ]
  return { applied, pending, findings: findings.toSorted((one, other) => compareNumbers(one.number, other.number)) }
}

/** One that is half done may be another one: it is run again as it is now. */
function changed(file: Migration, row: RecordedMigration | undefined): MigrationFinding[] {
  if (row === undefined || row.applied_at === null || row.checksum === file.checksum) return []
  return [
    {
      number: file.number,
      name: 'migration-changed',
      message: `${row.name} was applied at ${row.applied_at} with other contents (sha256 ${row.checksum.slice(0, 12)}) than ${file.name} has now (${file.checksum.slice(0, 12)})`,
      remedy: `Put the file back as it was, and write the change into a new file. Where only comments are others, take the new checksum over: UPDATE _slipway.migrations SET checksum = '${file.checksum}' WHERE number = ${file.number};`,
    },
  ]
}

function missing(row: RecordedMigration, files: readonly Migration[]): MigrationFinding {
  const twin = files.find(({ checksum }) => checksum === row.checksum)
  const done = row.applied_at === null ? 'was begun and not finished' : `was applied at ${row.applied_at}`
  return {
    number: row.number,
    name: 'migration-missing',
    message: `${row.name} ${done} and is not in the folder${twin ? `; ${twin.name} has the same contents` : ''}`,
    remedy: twin
      ? `Call ${twin.name} ${row.name} again, as it was when it was applied.`
      : 'Put the file back; or accept that it is gone: what it has done stays.',
  }
}

const outOfOrder = (file: Migration, newest: RecordedMigration): MigrationFinding => ({
  number: file.number,
  name: 'migration-out-of-order',
  message: `${file.name} was not applied, and ${newest.name}, which comes after it, was`,
  remedy: `Give it a number above ${newest.number}; or accept that it is applied now, after those.`,
})

const halfDone = (file: Migration, invalid: readonly string[]): MigrationFinding => ({
  number: file.number,
  name: 'migration-half-done',
  message: `${file.name} runs without a transaction, was begun, and did not come to its end: a part of it may be done${
    invalid.length > 0 ? `; indexes that are not valid: ${invalid.join(', ')}` : ''
  }`,
  remedy: `Look at what it has done, and take that back where it cannot be done twice (DROP INDEX of one that is not valid); then accept that it is run again from its beginning.`,
})
