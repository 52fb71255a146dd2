import { expect, it } from 'vitest'
import { databaseChanges, databaseFindings, toldDatabaseChange } from '../../src/postgres/databases/changes.ts'
import { lookAtDatabases } from '../../src/postgres/databases/look.ts'
import { makeDatabases } from '../../src/postgres/databases/make.ts'
import type { DatabasesWish } from '../../src/postgres/databases/wish.ts'
import { openPostgres } from '../../src/postgres/session.ts'
import { scratchDatabases } from './scratch.ts'

const scratch = scratchDatabases()
const { signal } = new AbortController()
const never = () => false

const wish: DatabasesWish = {
  roles: [
    { name: 'App-"1"', login: true, password: "it's ünï ﬁ 🚢" },
    { name: 'readers', login: false, password: null },
  ],
  databases: [
    { name: 'shop "DB"; --', owner: 'App-"1"', extensions: [{ name: 'pgcrypto', version: null }] },
    { name: 'plain', owner: null, extensions: [] },
  ],
}
const changed = async (asked = wish, as: object = {}) => {
  const observed = await lookAtDatabases({ ...scratch.target, ...as }, asked, signal)
  const changes = databaseChanges(asked, observed, never)
  return [
    ...changes.map(change => toldDatabaseChange(change)).map(({ target, detail }) => `${target} ${detail}`),
    ...databaseFindings(asked, observed, changes).map(({ name }) => name),
  ]
}
const make = (asked = wish, as: object = {}, replaces: (role: string) => boolean = never, around = signal) =>
  makeDatabases({ ...scratch.target, ...as }, asked, replaces, around, () => {})
/** Everybody but the superuser has to know a password from now on. */
const askForPasswords = async () => {
  const [file = ''] = await scratch.column('SHOW hba_file')
  await scratch.execute(
    `COPY (VALUES ('host all slipway all trust'), ('host all all all scram-sha-256')) TO '${file}'; SELECT pg_reload_conf()`,
  )
}

it('what is wished for is made, whatever its names, and then there is nothing to do', async () => {
  await askForPasswords()
  const before = await changed()
  expect(before).toHaveLength(5)
  const done = await make()
  expect(done.map(change => toldDatabaseChange(change).target)).toEqual([
    'role App-"1"',
    'role readers',
    'database shop "DB"; --',
    'database shop "DB"; --',
    'database plain',
  ])
  expect(await changed()).toEqual([])
  expect(await make()).toEqual([])
  const [role] = wish.roles
  const app = { ...scratch.target, user: role?.name ?? '', password: role?.password ?? '', database: 'shop "DB"; --' }
  await using session = await openPostgres(app, signal)
  await session.run('create table t (id uuid default gen_random_uuid())')
  expect(await scratch.column(`SELECT rolpassword FROM pg_authid WHERE rolname = 'App-"1"'`)).toEqual([
    expect.stringMatching(/^SCRAM-SHA-256\$/),
  ])
  expect(await scratch.column(`SELECT rolcanlogin FROM pg_roles WHERE rolname = 'readers'`)).toEqual(['false'])
})

it('a password that somebody has set is found, and replaced only when that was accepted', async () => {
  const other: DatabasesWish = { roles: [{ name: 'set-by-hand', login: true, password: 'theirs' }], databases: [] }
  await make(other)
  const ours: DatabasesWish = { roles: [{ name: 'set-by-hand', login: true, password: 'ours' }], databases: [] }
  expect(await changed(ours)).toEqual(['role-password-differs'])
  expect(await make(ours)).toEqual([])
  expect(await changed(other)).toEqual([])
  expect((await make(ours, {}, () => true)).map(({ kind }) => kind)).toEqual(['replace-password'])
  expect(await changed(ours)).toEqual([])
})

it('a role that may make databases, and is no superuser, makes them', async () => {
  const maker = { name: 'maker', login: true, password: 'made' }
  await make({ roles: [maker], databases: [] })
  const own: DatabasesWish = {
    roles: [{ name: 'tenant', login: true, password: 'x' }],
    databases: [{ name: 'tenants', owner: 'tenant', extensions: [{ name: 'pgcrypto', version: null }] }],
  }
  const as = { user: 'maker', password: 'made' }
  expect(await changed(own, as)).toEqual(expect.arrayContaining(['database-rights-missing', 'database-rights-missing']))
  await scratch.execute('ALTER ROLE maker CREATEROLE CREATEDB')
  await make(own, as)
  expect(await changed(own, as)).toEqual([])
  expect(await make(own, as)).toEqual([])
})

it('two that make the same at once both find it made', async () => {
  const both: DatabasesWish = {
    roles: [{ name: 'at-once', login: true, password: null }],
    databases: [{ name: 'once', owner: 'at-once', extensions: [{ name: 'hstore', version: null }] }],
  }
  await Promise.all([make(both), make(both)])
  expect(await changed(both)).toEqual([])
})

it('what was broken off goes on where it was', async () => {
  const many: DatabasesWish = {
    roles: [],
    databases: Array.from({ length: 3 }, (_, at) => ({ name: `part${at}`, owner: null, extensions: [] })),
  }
  const stop = new AbortController()
  const target = scratch.target
  await expect(
    makeDatabases(target, many, never, stop.signal, text => {
      if (text.startsWith('database part1')) stop.abort()
    }),
  ).rejects.toMatchObject({ name: 'AbortError' })
  expect((await changed(many)).at(-1)).toBe('database part2 is created')
  await make(many)
  expect(await changed(many)).toEqual([])
})
