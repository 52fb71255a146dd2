import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { openingFailure, readyDatabaseFolder } from './databaseFolder.ts'
import { openStore } from './openStore.ts'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

/** What is left of a database that was open once. */
function remains(...files: readonly string[]): void {
  writeFileSync(join(folder, 'identity'), 'token\n')
  writeFileSync(join(folder, 'sealing-key'), 'key\n')
  for (const file of files) {
    mkdirSync(join(folder, 'database', file, '..'), { recursive: true })
    writeFileSync(join(folder, 'database', file), '')
  }
}

it('a database that lost its version file is not replaced by an empty one', () => {
  remains('global/pg_control')
  expect(() => readyDatabaseFolder(folder)).toThrow(expect.objectContaining({ code: 'database-damaged' }))
  expect(readdirSync(join(folder, 'database'))).toEqual(['global'])
})

it('a database that is gone is not replaced by an empty one, however often it is tried', () => {
  remains()
  for (let tried = 0; tried < 2; tried += 1)
    expect(() => readyDatabaseFolder(folder)).toThrow(expect.objectContaining({ code: 'database-damaged' }))
})

it('a file where the database should be is damage', () => {
  writeFileSync(join(folder, 'database'), '')
  expect(() => readyDatabaseFolder(folder)).toThrow(expect.objectContaining({ code: 'database-damaged' }))
})

it('a first database is made beside the key of a home whose database was PostgreSQL', () => {
  writeFileSync(join(folder, 'sealing-key'), 'key\n')
  expect(readyDatabaseFolder(folder).path).toBe(join(folder, 'database'))
})

it.each([[[]], [['database']], [['database', 'database.being-made']], [['database.being-made']]])(
  'a first start that was killed when it had made %j begins anew',
  made => {
    for (const name of made)
      if (name === 'database') mkdirSync(join(folder, name))
      else writeFileSync(join(folder, name), '')
    readyDatabaseFolder(folder).opened()
    expect(existsSync(join(folder, 'database'))).toBe(true)
    expect(existsSync(join(folder, 'database.being-made'))).toBe(false)
  },
)

it('a database that PGlite cannot open is called damaged, and the folder is free again', async () => {
  remains('global/pg_control', 'PG_VERSION')
  for (let tried = 0; tried < 2; tried += 1)
    await expect(openStore({ folder })).rejects.toMatchObject({ code: 'database-damaged' })
})

it('a database that cannot be opened because its disk is full is not called damaged', () => {
  // A file system that never has room.
  expect(openingFailure('/proc', new Error('PGlite failed to initialize properly'))).toMatchObject({
    code: 'folder-unusable',
    message: '/proc: its disk is full',
  })
})
