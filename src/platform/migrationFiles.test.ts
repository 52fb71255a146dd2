import { expect, it } from 'vitest'
import { packFolder } from '../domain/clusterFile/folderArchive.ts'
import { keyFileFault } from '../domain/clusterFile/keyFiles.ts'
import { migrationFolder, readMigrationFolder } from './migrationFiles.ts'

const folderOf = (files: Readonly<Record<string, string>>) =>
  packFolder(Object.entries(files).map(([path, text]) => ({ path, contents: Buffer.from(text) })))
const fault = (files: Readonly<Record<string, string>>) =>
  keyFileFault({ kind: migrationFolder, file: './sql' }, folderOf(files))

it('a folder of migrations is read as it was sent, whatever else lies in it', () => {
  const files = { '10_b.sql': 'select 2', '2_a.sql': 'select 1', 'README.md': 'of both' }
  expect(fault(files)).toBeNull()
  const reading = readMigrationFolder(Buffer.from(folderOf(files)).toString('base64'))
  expect(reading.ok && reading.value.map(({ name }) => name)).toEqual(['2_a.sql', '10_b.sql'])
})

it('what is wrong with its files is told together', () => {
  expect(fault({ '1_a.sql': 'commit', '01_b.sql': '', 'more/3_c.sql': 'x' })).toMatchObject({
    name: 'migration-empty',
    message: expect.stringMatching(/01_b\.sql is empty; 1_a\.sql:1: COMMIT .*; more\/3_c\.sql lies/),
  })
  expect(fault({ 'README.md': 'x' })).toMatchObject({ name: 'folder-empty' })
})
