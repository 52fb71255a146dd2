import { expect, it } from 'vitest'
import { readMigrations } from './files.ts'

const file = (path: string, contents: string | Uint8Array = 'select 1') => ({ path, contents: Buffer.from(contents) })
const read = (...files: ReturnType<typeof file>[]) => {
  const reading = readMigrations(files)
  return reading.ok ? reading.migrations.map(({ name }) => name) : reading.faults.map(({ name }) => name)
}
const checksum = (contents: string | Uint8Array) => {
  const reading = readMigrations([file('1_a.sql', contents)])
  return reading.ok ? reading.migrations[0]?.checksum : reading.faults
}

it('the order is that of the numbers, however many zeros stand before them', () => {
  expect(read(file('10_c.sql'), file('2-b.sql'), file('001_a.SQL'), file('20240101120000_d.sql'))).toEqual([
    '001_a.SQL',
    '2-b.sql',
    '10_c.sql',
    '20240101120000_d.sql',
  ])
  expect(read(file('0_a.sql'), file('00001_b.sql'))).toEqual(['0_a.sql', '00001_b.sql'])
})

it('what is no SQL is none of them', () => {
  expect(read(file('README.md'), file('1_a.sql'), file('1_a.sql.orig'), file('below/notes.txt'))).toEqual(['1_a.sql'])
  expect(read()).toEqual([])
})

it.each([
  ['no number', 'migration-name', [file('init.sql')]],
  ['a letter before the number', 'migration-name', [file('V2__x.sql')]],
  ['a number only', 'migration-name', [file('2.sql')]],
  ['more digits than a database keeps', 'migration-name', [file(`${'9'.repeat(19)}_a.sql`)]],
  ['a folder below', 'migration-name', [file('more/1_a.sql')]],
  ['nothing in it', 'migration-empty', [file('1_a.sql', '\ufeff \r\n')]],
  ['another encoding', 'migration-no-text', [file('1_a.sql', Buffer.from('select 1 -- \xe4', 'latin1'))]],
  ['UTF-16', 'migration-no-text', [file('1_a.sql', Buffer.from('\ufeffselect 1', 'utf16le'))]],
  ['a zero byte', 'migration-no-text', [file('1_a.sql', 'select 1;\0')]],
  ['a transaction', 'migration-transaction', [file('1_a.sql', 'create table a ();\ncommit;')]],
  ['rows for psql', 'migration-psql', [file('1_a.sql', 'copy a from stdin;\n')]],
  ['a command of psql', 'migration-psql', [file('1_a.sql', '\\i b.sql')]],
  ['an open quote', 'migration-unclosed', [file('1_a.sql', "select 'a")]],
  ['what needs none', 'migration-needs-no-transaction', [file('1_a.sql', 'create index concurrently on a (b)')]],
  ['another mark', 'migration-mark', [file('1_a.sql', '-- slipway: no transaction\nselect 1')]],
  ['a doubled number', 'migration-doubled', [file('1_a.sql'), file('01_b.sql')]],
])('it is named what is wrong with a file: %s', (_what, name, files) => expect(read(...files)).toEqual([name]))

it('the place of what is wrong is told, and all of it at once', () => {
  const reading = readMigrations([file('1_a.sql', 'select 1;\nbegin;\nselect 2;\ncommit;'), file('x.sql')])
  expect(reading.ok ? [] : reading.faults.map(({ message }) => message.split(' ')[0])).toEqual([
    '1_a.sql:2:',
    '1_a.sql:4:',
    'x.sql',
  ])
})

it('a checkout with other line ends, or an editor that writes a mark, makes no other checksum; anything else does', () => {
  const own = checksum('select 1;\nselect 2;\n')
  expect(own).toMatch(/^[0-9a-f]{64}$/)
  expect(checksum('\ufeffselect 1;\r\nselect 2;\r\n')).toBe(own)
  expect(checksum('select 1;\nselect 2;')).not.toBe(own)
  expect(checksum('select 1;\n\nselect 2;\n')).not.toBe(own)
})

it('a file without a transaction may hold what needs none, and transactions of its own', () => {
  const reading = readMigrations([
    file(
      '1_a.sql',
      '\ufeff-- slipway:no-transaction \r\ncreate index concurrently on a (b);\r\nbegin; select 1; commit',
    ),
  ])
  expect(reading.ok && reading.migrations[0]).toMatchObject({ transaction: false, statements: { length: 4 } })
})
