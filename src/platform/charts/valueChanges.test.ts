import { expect, it } from 'vitest'
import { isSecretPath, toldChange, valueChanges } from './valueChanges.ts'

const told = (...given: Parameters<typeof valueChanges>) => valueChanges(...given).map(toldChange)

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
  expect(changes.map(toldChange)).toEqual([
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
