import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyFileFault, loginFileKinds } from './keyFiles.ts'
import { readPrivateKey } from './privateKey.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-private-key-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string) => join(folder, name)
const sshKeygen = (...args: string[]) => execFileSync('ssh-keygen', ['-q', ...args], { encoding: 'utf8' })

/** Real keys, as ssh-keygen writes them. */
const forms = {
  openssh: ['-t', 'ed25519'],
  pem: ['-t', 'ecdsa', '-m', 'PEM'],
  pkcs8: ['-t', 'rsa', '-b', '2048', '-m', 'PKCS8'],
}
const names = Object.keys(forms)
beforeAll(() => {
  for (const [name, options] of Object.entries(forms)) {
    sshKeygen('-f', file(name), '-C', 'test', '-N', '', ...options)
    sshKeygen('-f', file(`${name}-locked`), '-C', 'test', '-N', 'secret-phrase', ...options)
  }
})
const textOf = (name: string) => readFileSync(file(name), 'utf8')

const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const dressed: Readonly<Record<string, (key: string) => string>> = {
  'as it was written': key => key,
  'with a certificate behind it': key => key + certificate,
  'with a certificate before it': key => certificate + key,
  'with empty lines before it': key => `\n \n${key}`,
  'with the line ends of Windows': key => key.replaceAll('\n', '\r\n'),
  'without its last line end': key => key.trimEnd(),
  'with blanks behind its lines': key => key.replaceAll('-----\n', '----- \n'),
}

describe.each(names)('a private key (%s)', name => {
  it.each(Object.entries(dressed))('is accepted and made readable for ssh: %s', (_how, dress) => {
    const contents = dress(textOf(name))
    expect(keyFileFault({ kind: loginFileKinds.privateKey, file: 'id' }, Buffer.from(contents))).toBeNull()
    const key = readPrivateKey(contents)
    if (key.kind !== 'usable') throw new Error(key.kind)
    writeFileSync(file('readable'), key.text, { mode: 0o600 })
    const [type, blob] = sshKeygen('-y', '-f', file('readable')).split(' ')
    expect(textOf(`${name}.pub`)).toContain(`${type} ${blob?.trim()}`)
  })

  it('is told when it is cut off', () => {
    const text = textOf(name)
    expect(
      keyFileFault({ kind: loginFileKinds.privateKey, file: 'id' }, Buffer.from(text.slice(0, text.length / 2)))?.name,
    ).toBe('key-file-damaged')
  })

  it('with a passphrase is told, however it is dressed', () => {
    for (const dress of Object.values(dressed)) {
      const contents = dress(textOf(`${name}-locked`))
      expect(readPrivateKey(contents).kind).toBe('encrypted')
      expect(keyFileFault({ kind: loginFileKinds.privateKey, file: 'id' }, Buffer.from(contents))?.name).toBe(
        'key-file-passphrase',
      )
    }
  })
})

it('of OpenSSH with a passphrase shows its public half', () => {
  const key = readPrivateKey(textOf('openssh-locked'))
  if (key.kind !== 'encrypted') throw new Error(key.kind)
  expect(textOf('openssh-locked.pub')).toContain(key.publicKey ?? 'none')
})

it('of OpenSSH that lost lines in its middle is damaged', () => {
  const lines = textOf('openssh').split('\n')
  const shortened = lines.toSpliced(2, 1).join('\n')
  expect(readPrivateKey(shortened)).toEqual({ kind: 'invalid', fault: 'damaged' })
})

it.each([
  ['public', 'ssh-ed25519 AAAA me'],
  ['public', 'sk-ssh-ed25519@openssh.com AAAA me'],
  ['public', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
  ['putty', 'PuTTY-User-Key-File-3: ssh-ed25519\n'],
  ['no-key', 'hello'],
  ['no-key', certificate],
])('what is no private key is told: %s', (fault, contents) => {
  expect(readPrivateKey(contents)).toEqual({ kind: 'invalid', fault })
})
