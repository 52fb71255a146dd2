import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  // Observed on RKE2's own server code, v1.34.3+rke2r1.
  it('names the root of a bundle by its DER, and a bundle that leads nowhere by its bytes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rke2-bundle-'))
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc']
    try {
      openssl('req', '-x509', ...key, '-keyout', 'root.key', '-out', 'root.crt', '-subj', '/CN=root')
      openssl('req', '-x509', ...key, '-keyout', 'other.key', '-out', 'other.crt', '-subj', '/CN=other')
      const signed = ['-CA', 'root.crt', '-CAkey', 'root.key', '-addext', 'basicConstraints=critical,CA:TRUE']
      openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca', ...signed)
      const pem = (name: string) => readFileSync(join(folder, `${name}.crt`), 'utf8')
      const sha = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
      expect(hashOfCa(pem('ca') + pem('root'))).toBe(sha(new X509Certificate(pem('root')).raw))
      expect(hashOfCa(pem('ca') + pem('other') + pem('root'))).toBe(sha(new X509Certificate(pem('root')).raw))
      expect(hashOfCa(pem('ca') + pem('other'))).toBe(sha(pem('ca') + pem('other')))
      expect(hashOfCa(pem('root'))).toBe(sha(pem('root')))
    } finally {
      rmSync(folder, { recursive: true })
    }
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
