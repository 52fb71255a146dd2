import { expect, it } from 'vitest'
import { type Migration, readMigrations } from './files.ts'
import { type RecordedMigration, standingOf } from './standing.ts'

function files(...texts: readonly (readonly [string, string])[]): readonly Migration[] {
  const reading = readMigrations(texts.map(([path, text]) => ({ path, contents: Buffer.from(text) })))
  if (!reading.ok) throw new Error(reading.faults[0]?.message)
  return reading.migrations
}
const all = files(['1_a.sql', 'select 1'], ['2_b.sql', 'select 2'], ['10_c.sql', 'select 3'])
const row = (at: number, changes: Partial<RecordedMigration> = {}): RecordedMigration => {
  const { number = '', name = '', checksum = '' } = all[at] ?? {}
  const applied = { applied_at: '2026-01-01T00:00:00Z', duration_ms: 1, applied_by: 'me' }
  return { number, name, checksum, ...applied, ...changes }
}
const told = (migrations: readonly Migration[], ...rows: RecordedMigration[]) => {
  const { applied, pending, findings } = standingOf(migrations, rows)
  return [
    applied.map(({ number }) => number).join(' '),
    pending.map(({ number }) => number).join(' '),
    findings.map(({ name, number }) => `${name} ${number}`).join(', '),
  ]
}

it.each([
  ['nothing is there yet', all, [], ['', '1 2 10', '']],
  ['some were applied', all, [row(0)], ['1', '2 10', '']],
  ['all were', all, [row(2), row(0), row(1)], ['1 2 10', '', '']],
  ['one was renamed', all, [row(0, { name: '1_other.sql' }), row(1), row(2)], ['1 2 10', '', '']],
  ['one is another one now', all, [row(0, { checksum: 'ff' })], ['1', '2 10', 'migration-changed 1']],
  ['one is gone', all.slice(1), [row(0), row(1)], ['1 2', '10', 'migration-missing 1']],
  ['one came too late', all, [row(0), row(2)], ['1 10', '2', 'migration-out-of-order 2']],
  ['one was begun', all, [row(0), row(1, { applied_at: null })], ['1', '2 10', 'migration-half-done 2']],
  [
    'one was begun, and is another one now',
    all,
    [row(0, { applied_at: null, checksum: 'ff' })],
    ['', '1 2 10', 'migration-half-done 1'],
  ],
  ['one was begun, and is gone', all.slice(1), [row(0, { applied_at: null })], ['', '2 10', 'migration-missing 1']],
])('where a database stands: %s', (_what, migrations, rows, expected) =>
  expect(told(migrations, ...rows)).toEqual(expected),
)

it('of one that has another number now it is told which', () => {
  const { findings } = standingOf(files(['3_a.sql', 'select 1']), [row(0)])
  expect(findings.map(({ message }) => message)).toEqual([expect.stringContaining('3_a.sql has the same contents')])
})
