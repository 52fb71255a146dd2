import { describe, expect, it } from 'vitest'
import { faultIn, findingsOf, specOf } from './file/written.fixture.ts'
import { rke2Format } from './format.ts'

const extra = (text: string) => findingsOf([`cluster_vars: { extra: { ${text} } }`])

describe('a secret in the cluster file', () => {
  it.each([
    'etcd-s3-access-key',
    'etcd-s3-secret-key',
    'etcd-s3-session-token',
    'etcd-s3-secret-key+',
    'datastore-endpoint',
    'vpn-auth',
    'registry-password',
    'some-new-secret-key',
    'some-new-api-key',
  ])('%s is refused below extra, not repeated, and the way is named', key => {
    for (const value of ['hunter2-secret', '[hunter2-secret]']) {
      const found = extra(`${key}: ${value}`)
      expect(found).toHaveLength(1)
      expect(found[0]).toContain(`spec.secret_files: { ${key.replace('+', '')}: ./FILE }`)
      expect(found[0]).not.toContain('hunter2')
    }
  })

  it('is refused in the variables of a node as well, and in the login of a URL', () => {
    const node =
      '{ hostname: m1, internal_ip: 10.0.0.1, role: initial_master, node_vars: { extra: { etcd-s3-secret-key: hunter2 } } }'
    expect(findingsOf([], [node]).join()).toContain('spec.secret_files')
    const url = extra('etcd-s3-proxy: "http://bob:hunter2@proxy:3128"')
    expect(url).toHaveLength(1)
    expect(url[0]).not.toContain('hunter2')
  })

  it.each([
    'etcd-s3-config-secret: s3-config',
    'etcd-s3-bucket: backups',
    'datastore-keyfile: /etc/key',
    'etcd-s3: yes',
  ])('what only names a secret is none: %s', text => expect(extra(text)).toEqual([]))
})

describe('secret_files', () => {
  const lines = ['secret_files: { etcd-s3-access-key: ./access, etcd-s3-secret-key: ./secret }']
  it('are read and sealed like every file that the cluster file names', () => {
    expect(rke2Format.keyFiles(specOf(lines)).map(({ kind, file, path }) => [kind.name, file, path.join('.')])).toEqual(
      [
        ['config-secret', './access', 'spec.secret_files.etcd-s3-access-key'],
        ['config-secret', './secret', 'spec.secret_files.etcd-s3-secret-key'],
      ],
    )
  })

  it.each([
    ['s3cret/+=\n', null],
    ['two words', null],
    ['one\ntwo\n', 'key-file-lines'],
    [' s3cret\n', 'key-file-blanks'],
    ['', 'key-file-empty'],
    ['a\u0007', 'key-file-signs'],
  ])('hold one secret on one line: %j', (text, name) => {
    expect(faultIn('configSecret', new TextEncoder().encode(text))?.name ?? null).toBe(name)
  })

  it.each([
    ['token: ./t', 'set by Slipway itself'],
    ['tls-san: ./t', 'no secret'],
    ['etcd-s3-secret-key+: ./t', 'appended'],
    ['d: ./t', 'two or more'],
    ['etcd-s3-secret-key: ""', 'at least 1'],
  ])('%s is refused', (text, message) => {
    const found = findingsOf([`secret_files: { ${text} }`])
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })
})
