import { execFileSync } from 'node:child_process'
import { faultIn, readRke2File } from './written.fixture.ts'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { maxKeyFileBytes, readSudoPassword } from '../../../../domain/clusterFile/keyFiles.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-key-files-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A real key, as ssh-keygen writes it. */
function key(name: string, ...options: string[]): Buffer {
  execFileSync('ssh-keygen', ['-q', '-f', join(folder, name), '-C', 'test', ...options])
  return readFileSync(join(folder, name))
}
const fault = (kind: Parameters<typeof faultIn>[0], data: Uint8Array | string) =>
  faultIn(kind, typeof data === 'string' ? Buffer.from(data) : data)?.name ?? null

describe('a private key', () => {
  it.each([
    ['ed25519', ['-t', 'ed25519', '-N', '']],
    ['ecdsa-pem', ['-t', 'ecdsa', '-N', '', '-m', 'PEM']],
    ['rsa-pkcs8', ['-t', 'rsa', '-b', '2048', '-N', '', '-m', 'PKCS8']],
  ])('without a passphrase is accepted: %s', (name, options) => {
    expect(fault('privateKey', key(name, ...options))).toBeNull()
  })

  it.each([
    ['openssh', ['-t', 'ed25519', '-N', 'secret-phrase']],
    ['pem', ['-t', 'ecdsa', '-N', 'secret-phrase', '-m', 'PEM']],
    ['pkcs8', ['-t', 'rsa', '-b', '2048', '-N', 'secret-phrase', '-m', 'PKCS8']],
  ])('with a passphrase is refused, with the agent as the remedy: %s', (name, options) => {
    const found = faultIn('privateKey', key(`locked-${name}`, ...options))
    expect(found?.name).toBe('key-file-passphrase')
    expect(found?.remedy).toContain('ssh-add')
  })

  it('is told apart from a public key, a PuTTY key, and other files', () => {
    key('pair', '-t', 'ed25519', '-N', '')
    expect(fault('privateKey', readFileSync(join(folder, 'pair.pub')))).toBe('key-file-public')
    expect(fault('privateKey', 'PuTTY-User-Key-File-3: ssh-ed25519\n')).toBe('key-file-putty')
    expect(fault('privateKey', 'hello\n')).toBe('key-file-no-key')
    expect(fault('privateKey', '')).toBe('key-file-empty')
    expect(fault('privateKey', Buffer.from([0xff, 0xfe, 1]))).toBe('key-file-no-text')
    expect(fault('privateKey', Buffer.alloc(maxKeyFileBytes + 1, 'a'))).toBe('key-file-too-large')
  })
})

it('a password is one line, with or without its line end', () => {
  expect(fault('sudoPassword', 'open sesame\n')).toBeNull()
  expect(fault('token', 'K10abc')).toBe('key-file-token')
  expect(fault('token', ' abc123 \n')).toBeNull()
  expect(fault('token', 'one\ntwo\n')).toBe('key-file-lines')
})

const kinds = ['sudoPassword', 'token', 'configSecret', 'registryLogin', 'privateKey'] as const
it.each(
  kinds.flatMap(kind =>
    ['', '\n', '\r\n', ' ', '  \n', '\t\n\n', '\ufeff\n', '\u00a0'].map(text => [kind, text] as const),
  ),
)('a file without a secret is refused: %s %j', (kind, text) => {
  const found = faultIn(kind, Buffer.from(text))
  expect(found?.name).toBe('key-file-empty')
  expect(found?.message).toBe(text.replace(/[\r\n\ufeff]/g, '') === '' ? 'it is empty' : 'it holds nothing but blanks')
})

it.each([
  ['sudoPassword', ' open sesame ', null],
  ['sudoPassword', '\topen\n', null],
  ['configSecret', ' key\n', 'key-file-blanks'],
  ['configSecret', 'key \n', 'key-file-blanks'],
  ['configSecret', 'key\n', null],
  ['token', ' key \n', null],
  ['registryLogin', 'username: a\npassword: b \n', 'key-file-credentials'],
  ['registryLogin', "username: a\npassword: ' b '\n", null],
  ['registryLogin', "username: a\npassword: '  '\n", 'key-file-credentials'],
  ['registryLogin', 'username: "\\t"\npassword: b\n', 'key-file-credentials'],
] as const)('blanks around a secret are what its kind takes them for: %s %j', (kind, text, name) => {
  expect(fault(kind, text)).toBe(name)
})

it('a sudo password has its blanks, and no line end', () => {
  expect(readSudoPassword(' open sesame \r\n')).toEqual({ ok: true, value: ' open sesame ' })
})

it('registry credentials are a user name and a password', () => {
  expect(fault('registryLogin', 'username: a\npassword: b\n')).toBeNull()
  expect(fault('registryLogin', 'username: a\n')).toBe('key-file-credentials')
  expect(fault('registryLogin', 'username: a\nusername: b\n')).toBe('key-file-credentials')
})

it('lists every file a cluster file names once, with where it is named', () => {
  const reading = readRke2File(
    Buffer.from(`apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  token_file: token
  ssh: { key_file: ./id, sudo_password_file: sudo, jump: [{ host: 10.0.0.1, key_file: ./jump }] }
  registries: { configs: { "registry.example:5000": { auth_file: auth } } }
  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, role: initial_master, ssh: { key_file: ./id } }
    - { hostname: w1, internal_ip: 10.0.0.12, role: worker, ssh: { key_file: ./other } }
`),
    'c.yaml',
  )
  if (!reading.ok) throw new Error(JSON.stringify(reading.findings))
  expect(reading.withFiles(new Map()).keyFiles.map(file => [file.kind.name, file.file, file.path.join('.')])).toEqual([
    ['private-key', './id', 'spec.ssh.key_file'],
    ['sudo-password', 'sudo', 'spec.ssh.sudo_password_file'],
    ['private-key', './jump', 'spec.ssh.jump.0.key_file'],
    ['token', 'token', 'spec.token_file'],
    ['registry-credentials', 'auth', 'spec.registries.configs.registry.example:5000.auth_file'],
    ['private-key', './other', 'spec.nodes.1.ssh.key_file'],
  ])
})
