import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor, mask } from './redact.ts'

describe('redaction', () => {
  it('leaves no secret in any text around it, also JSON-escaped and in base64', () => {
    const secret = fc.string({ minLength: 12, maxLength: 60 }).filter(text => text.trim().length >= 12)
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const { redact } = createRedactor([value])
        expect(redact(`${before} ${value} ${after}`)).not.toContain(value)
        expect(redact(JSON.stringify({ value }))).not.toContain(JSON.stringify(value).slice(1, -1))
        expect(redact(Buffer.from(value).toString('base64'))).toContain(mask)
      }),
    )
  })

  it('masks the lines of a secret of several lines', () => {
    const { redact } = createRedactor(['first-line-of-key\nsecond-line-of-key'])
    expect(redact('log: second-line-of-key')).toBe(`log: ${mask}`)
  })

  it('knows a join token and a private key by shape', () => {
    const { redact } = createRedactor()
    expect(redact(`token K10${'a1'.repeat(32)}::server:abc end`)).toBe(`token ${mask} end`)
    expect(redact('-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----')).toBe(mask)
  })

  it('leaves ordinary text as it is, and ignores secrets too short to tell apart', () => {
    const { redact } = createRedactor(['no', 'hunter2!'])
    expect(redact('no node, hunter2!')).toBe(`no node, ${mask}`)
  })

  it('learns secrets on the way', () => {
    const redactor = createRedactor()
    redactor.add('learned-secret')
    expect(redactor.redact('a learned-secret b')).toBe(`a ${mask} b`)
  })
})
