import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkCaHash, formatToken, hashOfCa, parseToken } from './token.ts'

const ca = '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n'

describe('a join token', () => {
  it('in its short form is a password and names no CA', () => {
    expect(parseToken('secret')).toEqual({ caHash: '', user: '', password: 'secret' })
  })

  it('in its secure form names the CA by the SHA-256 of the file, the user and the password', () => {
    const hash = createHash('sha256').update(ca).digest('hex')
    expect(formatToken(ca, 'server', 'a:b')).toBe(`K10${hash}::server:a:b`)
    expect(parseToken(`K10${hash}::server:a:b`)).toEqual({ caHash: hash, user: 'server', password: 'a:b' })
  })

  it.each([
    ['', 'token must not be empty'],
    ['K10abc::server:secret', 'invalid token CA hash length'],
    [`K10${'a'.repeat(64)}::server`, 'invalid token format'],
    [`K10${'a'.repeat(64)}::server:`, 'invalid token format'],
  ])('is refused when malformed: %j', (text, message) => {
    expect(() => parseToken(text)).toThrow(message)
  })

  it('is refused when it names another CA, and accepted when it names this one or none', () => {
    expect(() => checkCaHash(parseToken(`K10${'a'.repeat(64)}::server:secret`), ca)).toThrow(
      `token CA hash does not match the Cluster CA certificate hash: ${'a'.repeat(64)} != ${hashOfCa(ca)}`,
    )
    expect(() => checkCaHash(parseToken(formatToken(ca, 'node', 'secret')), ca)).not.toThrow()
    expect(() => checkCaHash(parseToken('secret'), ca)).not.toThrow()
  })
})
