import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { caHash } from './caHash.ts'

let folder: string
const file = (name: string) => join(folder, name)
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] })
const pem = (name: string) => readFileSync(file(`${name}.crt`), 'utf8')
const hashOf = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const hashOfDer = (name: string) => hashOf(openssl('x509', '-in', file(`${name}.crt`), '-outform', 'DER'))
const bundle = (...names: string[]) => Buffer.from(names.map(pem).join(''))

/** An authority, signed by itself or by another one; `same` gives it the name of another, `key` its key. */
function authority(name: string, by?: string, { same = name, key = name, ids = true } = {}): void {
  const keys =
    key === name
      ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', file(`${name}.key`)]
      : ['-key', file(`${key}.key`)]
  const extensions = [
    'basicConstraints = critical,CA:TRUE',
    'keyUsage = critical,keyCertSign',
    ...(ids
      ? ['subjectKeyIdentifier = hash', ...(by ? ['authorityKeyIdentifier = keyid'] : [])]
      : ['subjectKeyIdentifier = none', 'authorityKeyIdentifier = none']),
  ]
  writeFileSync(
    file('config'),
    `[req]\nprompt = no\ndistinguished_name = n\nx509_extensions = e\n[n]\nCN = ${same}\n[e]\n${extensions.join('\n')}\n`,
  )
  const signer = by === undefined ? [] : ['-CA', file(`${by}.crt`), '-CAkey', file(`${by}.key`)]
  openssl('req', '-x509', '-config', file('config'), '-days', '30', ...keys, ...signer, '-out', file(`${name}.crt`))
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-ca-'))
  authority('root')
  authority('between', 'root')
  authority('server', 'between')
  authority('renewed', 'between', { same: 'server' })
  authority('other')
  authority('impostor', undefined, { same: 'between', ids: false })
  authority('cross', 'root', { same: 'other', key: 'other' })
  authority('old', undefined, { ids: false })
  authority('under-old', 'old', { ids: false })
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the hash of a CA', () => {
  it('is that of the file, byte for byte, where it holds one certificate', () => {
    expect(caHash(bundle('root'))).toBe(hashOf(pem('root')))
    expect(caHash(bundle('between'))).toBe(hashOf(pem('between')))
    const spaced = Buffer.from(`# the CA\n${pem('root')}\n\n`)
    expect(caHash(spaced)).toBe(hashOf(spaced))
  })

  it.each([
    ['an authority below its root', ['between', 'root']],
    ['one two steps below', ['server', 'between', 'root']],
    ['the same in another order', ['server', 'root', 'between']],
    ['one that was renewed', ['renewed', 'between', 'root']],
    ['one beside others', ['server', 'other', 'between', 'root']],
    ['one beside another with the name of its issuer', ['server', 'impostor', 'between', 'root']],
    ['one that an earlier root has signed across', ['cross', 'root']],
    ['a root that is there twice', ['root', 'root']],
  ])('is that of the root in a bundle of %s', (_name, names) => {
    expect(caHash(bundle(...names))).toBe(hashOfDer('root'))
  })

  it('finds a root without identifiers of keys, too', () => {
    expect(caHash(bundle('under-old', 'old'))).toBe(hashOfDer('old'))
  })

  it.each([
    ['the root is missing', ['server', 'between']],
    ['the step between is missing', ['server', 'root']],
    ['they have nothing to do with each other', ['root', 'other']],
    ['the root comes first', ['root', 'between']],
    ['the issuer is so by name only', ['server', 'impostor']],
  ])('is that of the file where %s', (_name, names) => {
    expect(caHash(bundle(...names))).toBe(hashOf(bundle(...names)))
  })

  it('is that of the file where one of them is no longer valid, or can not be read', () => {
    const later = Date.now() + 31 * 86_400_000
    expect(caHash(bundle('between', 'root'), later)).toBe(hashOf(bundle('between', 'root')))
    const damaged = Buffer.from(`${pem('between')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`)
    expect(caHash(damaged)).toBe(hashOf(damaged))
  })
})
