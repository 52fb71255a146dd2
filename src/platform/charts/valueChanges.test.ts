import { expect, it } from 'vitest'
import { isSecretPath, merged, pathsOf, secretTexts, toldChange, valueChanges } from './valueChanges.ts'

const told = (...given: Parameters<typeof valueChanges>) => valueChanges(...given).map(change => toldChange(change))

it.each<[string, Parameters<typeof valueChanges>[0], Parameters<typeof valueChanges>[1], string[]]>([
  ['a value that is another one', { a: { b: 1, c: 2 } }, { a: { b: 3, c: 2 } }, ['a.b: 1 → 3']],
  ['one that comes, and one that goes', { a: 1 }, { b: 'x y' }, ['a: 1 → of the chart', 'b: of the chart → "x y"']],
  ['a list as a whole', { a: [1, 2] }, { a: [1] }, ['a: [1,2] → [1]']],
  ['a map in place of a value', { a: 1 }, { a: { b: 2 } }, ['a: 1 → {"b":2}']],
  ['null, which takes a value of the chart away', { a: { b: 1 } }, { a: { b: null } }, ['a.b: 1 → null']],
  ['nothing, in another order', { a: 1, b: { c: 1, d: 2 } }, { b: { d: 2, c: 1 }, a: 1 }, []],
  ['nothing: a map that is empty', { a: {} }, {}, []],
])('tells %s', (_what, from, to, changes) => expect(told(from, to)).toEqual(changes))

it('shows no value whose name says that it is secret, at whatever depth', () => {
  const changes = valueChanges({}, { auth: { rootPassword: 'one', existingSecret: 'name' }, env: [{ token: 'two' }] })
  expect(changes.map(change => toldChange(change))).toEqual([
    'auth.existingSecret: of the chart → name',
    'auth.rootPassword: of the chart → ••••',
    'env: of the chart → [{"token":"••••"}]',
  ])
})

it.each(['password', 'a.adminPassword', 'x.api_key', 'x.accessKey', 'secret.value', 'db.credentials', 'passphrase'])(
  '%s is secret',
  path => expect(isSecretPath(path)).toBe(true),
)
it.each(['existingSecret', 'secretName', 'tokenFile', 'passwordSecretRef', 'keys', 'monkey', 'secrets.enabled2'])(
  '%s is not',
  path => expect(isSecretPath(path)).toBe(false),
)

it('shows no login in a URL, and nothing that a sealed file has, or lies around it', () => {
  expect(told({}, { url: 'postgres://me:secret@db.test/shop' })).toEqual(['url: of the chart → ••••'])
  const hidden = valueChanges({ a: 1 }, { a: 2, b: { c: 'x' }, d: [{ e: 'x' }] })
  const secret = new Set(pathsOf({ b: { c: 'x' }, d: [{ e: 'x' }] }))
  expect(hidden.map(change => toldChange(change, secret))).toEqual([
    'a: 1 → 2',
    'b.c: of the chart → ••••',
    'd: of the chart → ••••',
  ])
})

it('takes values together as Helm does with several files', () => {
  expect(merged({ a: { b: 1, c: [1] }, d: 1 }, { a: { c: [2], e: null }, d: { f: 1 } })).toEqual({
    a: { b: 1, c: [2], e: null },
    d: { f: 1 },
  })
})

it('knows the texts that must be in no log', () => {
  expect(secretTexts({ a: 'long enough', b: ['short', { c: 'also long' }], d: 12345678 })).toEqual([
    'long enough',
    'also long',
  ])
})
