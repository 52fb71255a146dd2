import { expect, it } from 'vitest'
import { hashPassword, passwordMatches } from './node-password.ts'

it('a node is known by its password, whose hash is salted', () => {
  const hash = hashPassword('secret')
  expect(passwordMatches('secret', hash)).toBe(true)
  expect(passwordMatches('Secret', hash)).toBe(false)
  expect(hashPassword('secret')).not.toBe(hash)
})
