import { expect, it } from 'vitest'
import { databaseChanges, databaseFindings, toldDatabaseChange, wishFaults } from './changes.ts'
import { nameFault, quoted } from './names.ts'
import { scramVerifier } from './scram.ts'
import type { DatabasesWish, ObservedDatabases, ObservedRole } from './wish.ts'

const wish: DatabasesWish = {
  roles: [
    { name: 'app', login: true, password: 'hunter2' },
    { name: 'Read-"er"', login: false, password: null },
  ],
  databases: [
    {
      name: 'shop',
      owner: 'app',
      extensions: [
        { name: 'pgcrypto', version: null },
        { name: 'hstore', version: '1.8' },
      ],
    },
  ],
}
const empty: ObservedDatabases = {
  me: { name: 'postgres', superuser: true, makesRoles: true, makesDatabases: true },
  roles: new Map(),
  databases: new Map(),
  available: new Map([
    ['pgcrypto', ['1.3']],
    ['hstore', ['1.7', '1.8']],
  ]),
}
const role = (changes: Partial<ObservedRole> = {}): ObservedRole => ({
  login: true,
  mine: true,
  bare: false,
  passwordFits: true,
  ...changes,
})
const full: ObservedDatabases = {
  ...empty,
  roles: new Map([
    ['app', role()],
    ['Read-"er"', role({ login: false, passwordFits: null })],
  ]),
  databases: new Map([
    [
      'shop',
      {
        owner: 'app',
        extensions: new Map([
          ['pgcrypto', '1.2'],
          ['hstore', '1.8'],
        ]),
      },
    ],
  ]),
}
const withRole = (app: ObservedRole) => ({ ...full, roles: new Map([...full.roles, ['app', app]]) })
const never = () => false
const told = (observed: ObservedDatabases, replaces: (role: string) => boolean = never) =>
  databaseChanges(wish, observed, replaces).map(change => {
    const { target, detail } = toldDatabaseChange(change)
    return `${target} ${detail}`
  })
const found = (observed: ObservedDatabases, replaces: (role: string) => boolean = never, asked = wish) =>
  databaseFindings(asked, observed, databaseChanges(asked, observed, replaces)).map(({ name }) => name)

it('what is missing is made, roles before what belongs to them', () => {
  expect(told(empty)).toEqual([
    'role app is created and may log in',
    'role Read-"er" is created and may not log in',
    'database shop is created and belongs to app',
    'database shop gets the extension pgcrypto',
    'database shop gets the extension hstore 1.8',
  ])
  expect(found(empty)).toEqual([])
  expect(told(full)).toEqual([])
})

it('what is there otherwise is changed', () => {
  const other: ObservedDatabases = {
    ...withRole(role({ login: false, passwordFits: null })),
    databases: new Map([
      [
        'shop',
        {
          owner: 'postgres',
          extensions: new Map([
            ['pgcrypto', '1.3'],
            ['hstore', '1.7'],
          ]),
        },
      ],
    ]),
  }
  expect(told(other)).toEqual([
    'role app may log in',
    'database shop belongs to app (now postgres)',
    'database shop extension hstore: 1.7 → 1.8',
  ])
})

it('a password that somebody has set is replaced only when that is asked for', () => {
  const differs = withRole(role({ passwordFits: false }))
  expect([told(differs), found(differs)]).toEqual([[], ['role-password-differs']])
  const replaces = (name: string) => name === 'app'
  expect([told(differs, replaces), found(differs, replaces)]).toEqual([['role app gets another password'], []])
  expect([
    told(withRole(role({ passwordFits: null }))),
    told(withRole(role({ bare: true, passwordFits: null }))),
  ]).toEqual([[], ['role app gets a password']])
})

it('one who is no superuser becomes a member of whom it gives something, and is told which right it has not', () => {
  const me = { name: 'maker', superuser: false, makesRoles: false, makesDatabases: false }
  expect(told({ ...empty, me })[2]).toBe('role maker becomes a member of app, to which it gives a database')
  expect(found({ ...empty, me })).toEqual(['database-rights-missing', 'database-rights-missing'])
  expect([told({ ...full, me }), found({ ...full, me })]).toEqual([[], []])
})

it('what the server has not is found', () => {
  expect(found({ ...empty, available: new Map([['hstore', ['1.7']]]) })).toEqual([
    'extension-unavailable',
    'extension-unavailable',
  ])
  expect(found(empty, never, { ...wish, roles: [] })).toEqual(['database-owner-missing'])
})

it('names are kept as they are, or refused', () => {
  expect([quoted('shop-DB'), quoted('a"b'), nameFault('database', 'shop "DB"; --')]).toEqual([
    '"shop-DB"',
    '"a""b"',
    null,
  ])
  expect(nameFault('database', 'ä'.repeat(32))).toContain('63 bytes')
  expect(nameFault('database', 'ä'.repeat(31))).toBeNull()
  expect([nameFault('role', 'pg_x'), nameFault('role', 'public'), nameFault('role', '')]).not.toContain(null)
  const twice = { roles: [wish.roles[0], wish.roles[0]].flatMap(each => each ?? []), databases: [] }
  expect(wishFaults(twice).map(({ message }) => message)).toEqual(['role app is wished for twice'])
  expect(wishFaults({ roles: [], databases: [{ name: '', owner: null, extensions: [] }] })[0]?.name).toBe(
    'database-name',
  )
  expect(wishFaults(wish)).toEqual([])
})

it('no password is in what is told, nor in what is sent', async () => {
  expect(JSON.stringify([told(empty), found(empty)])).not.toContain('hunter2')
  // Password, salt and rounds of the example of RFC 7677.
  expect(await scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})

it('a password that is new is replaced only when that is asked for, where the server does not tell which one there is', () => {
  const [app, ...others] = wish.roles
  if (!app) throw new Error('there is no role')
  const renewed = { ...wish, roles: [{ ...app, isNew: true }, ...others] }
  const untold = withRole(role({ passwordFits: null }))
  const changes = (of: ObservedDatabases, replaces: boolean) => databaseChanges(renewed, of, () => replaces)
  const findings = (of: ObservedDatabases, replaces: boolean) =>
    databaseFindings(renewed, of, changes(of, replaces)).map(({ message }) => message)
  expect(findings(untold, false)).toEqual([expect.stringContaining('does not tell from here')])
  expect(changes(untold, true).map(({ kind }) => kind)).toEqual(['replace-password'])
  expect(findings(untold, true)).toEqual([])
  expect(findings(withRole(role({ passwordFits: true })), false)).toEqual([])
})
