import { expect, it } from 'vitest'
import { decrypt, encrypt, storageKey } from './bootstrap-data.ts'

it('bootstrap data is read with the token it was encrypted with, and with no other', () => {
  const sealed = encrypt('token', '{"a":"ä"}')
  expect(sealed).not.toContain('"a"')
  expect(decrypt('token', sealed)).toBe('{"a":"ä"}')
  expect(() => decrypt('other', sealed)).toThrow()
})

it('each token has a key of its own in etcd', () => {
  expect(storageKey('token')).toMatch(/^\/bootstrap\/[0-9a-f]{12}$/)
  expect(storageKey('token')).not.toBe(storageKey('other'))
})
