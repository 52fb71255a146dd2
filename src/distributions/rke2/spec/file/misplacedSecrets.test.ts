import { describe, expect, it } from 'vitest'
import { looksLikeFileName } from '../../../../domain/values/fileNames.ts'
import { findingsOf, readRke2File, written } from './written.fixture.ts'
import { shown } from '../../../../domain/clusterFile/shown.ts'

const pem = '-----BEGIN OPENSSH PRIVATE KEY-----'
/** Everything that a reading says, places as well. */
const said = (lines: readonly string[]): string => {
  const reading = readRke2File(new TextEncoder().encode(written(lines)), 'c.yaml')
  return reading.ok ? '' : JSON.stringify(reading.findings)
}

describe('what is shown as the name of a file', () => {
  it.each([
    './token',
    'keys/id_ed25519',
    'token.txt',
    'id_rsa',
    'id_ed25519',
    '~/.ssh/id_ed25519',
    '/home/jane/My Keys/cluster-2026.pem',
    '../secrets/registry-login',
    'sudo-password',
    './s3-secret-2',
    '/nonexistent/id',
    'keys/admin@host.pem',
    '.token',
  ])('%s', text => expect(looksLikeFileName(text)).toBe(true))

  it.each([
    `${pem}\nb3BlbnNzaC1rZXktdjEAAAAA\n`,
    `${pem} b3BlbnNzaC1rZXktdjEAAAAA`,
    'hunter2',
    'Hunter',
    'u:hunter2',
    'robot:hun.ter/2@registry',
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    '/JalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'AKIAIOSFODNN7EXAMPLE',
    'correct horse battery staple',
    'correct-horse-battery-staple',
    'Sommer!2026',
    'abcdef.0123456789abcdef',
    `K10${'a1'.repeat(32)}::server:hunter2`,
    'c0ffee'.repeat(8),
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
  ])('not %s', text => expect(looksLikeFileName(text)).toBe(false))
})

describe('a secret in the place of the name of its file is not repeated', () => {
  it.each([
    [`ssh: { key_file: "${pem}\\nhunter2\\n" }`, 'spec.ssh.key_file'],
    [`ssh: { key_file: "${pem} hunter2 -----END OPENSSH PRIVATE KEY-----" }`, 'spec.ssh.key_file'],
    ['ssh: { jump: [{ host: j1, key_file: "PuTTY-User-Key-File-3: hunter2" }] }', 'spec.ssh.jump[0].key_file'],
    ['ssh: { sudo_password_file: "hunter2\\n" }', 'spec.ssh.sudo_password_file'],
    ['ssh: { sudo_password_file: 4711 }', 'spec.ssh.sudo_password_file'],
    ['token_file: "hunter2\\nhunter2"', 'spec.token_file'],
    [`secret_files: { etcd-s3-secret-key: "${pem} hunter2" }`, 'spec.secret_files.etcd-s3-secret-key'],
    ['secret_files: Hunter2', 'spec.secret_files'],
    ['registries: { configs: { r.example: { auth_file: "u:hunter2\\n" } } }', 'auth_file'],
  ])('%s', (line, place) => {
    expect(findingsOf([line])).toEqual([expect.stringContaining('takes the name of a file, not the secret itself')])
    expect(said([line])).toContain(place)
    expect(said([line])).not.toMatch(/[Hh]unter2|4711|BEGIN/)
  })

  it('nor a key that stands anywhere else', () => {
    const all = said([`ssh: { user: "${pem}\\nhunter2\\n" }`, `api_endpoint: "${pem} hunter2"`])
    expect(all).toContain('spec.ssh.user')
    expect(all).not.toMatch(/hunter2|BEGIN/)
  })

  it.each([
    'ssh: { sudo_password_file: !hunter2 }',
    'ssh: { sudo_password_file: !hunter2 x }',
    'ssh: { sudo_password_file: !!hunter2 }',
    'ssh: { sudo_password_file: !<hunter2> x }',
    'ssh: { sudo_password_file: *hunter2 }',
    'ssh: { sudo_password_file: &hunter2 }',
    'ssh: { sudo_password: !hunter2 }',
    'ssh: { sudo_password: *hunter2 }',
    'ssh: { sudo_password: &hunter2 }',
    'token_file: !K10hunter2::server:hunter2',
    'token_file: *hunter2!x',
    'token_file: !hunter2"x"',
    'token_file: "!hunter2',
    'token_file: |hunter2',
    'token_file: >hunter2',
    'token_file: %hunter2',
    'token_file: @hunter2',
    'token_file: `hunter2',
    'secret_files: { etcd-s3-secret-key: !hunter2 }',
    'secret_files: { etcd-s3-secret-key: *hunter2 }',
    'registries: { configs: { r.example: { auth_file: !hunter2 } } }',
    'registries: { configs: { r.example: { auth: { password: *hunter2 } } } }',
  ])('nor what YAML takes for a tag, an anchor or an alias: %s', line => {
    expect(said([line])).toContain('"severity":"error"')
    expect(said([line])).not.toContain('hunter2')
  })

  it('but the tags that YAML itself has are named', () => {
    expect(findingsOf(['token_file: !!str ./token']).join()).toContain('tag:yaml.org,2002:str')
  })

  it('a usual name of a file is, where it is wrong', () => {
    expect(findingsOf(['secret_files: ./keys']).join()).toContain('./keys')
  })
})

describe('a login without a scheme is not repeated', () => {
  it.each([
    'proxy: { https_proxy: "user:hunter6@p:3128" }',
    'proxy: { no_proxy: "u:hunter5@x" }',
    'proxy: { no_proxy: ["u:hunter5@x;y.example"] }',
    'proxy: { no_proxy: ["u:hunter/5@x"] }',
    'cluster_vars: { system-default-registry: "u:hunter23@r" }',
    'cluster_vars: { tls-san: "u:hunter7@api.example.org" }',
    'cluster_vars: { cni: "u:hunter7@x" }',
    'cluster_vars: { node-taint: ["u:hunter7@x"] }',
    'ssh: { user: "u:hunter16" }',
    'ssh: { user: "u:hunter16@x" }',
    'ssh: { jump: [{ host: "u:hunter17@h" }] }',
    'ssh: { jump: [{ host: "u:hunter17" }] }',
    'ssh: "root:hunter19@x"',
    'nodes2: "root:hunter19@x"',
    'api_endpoint: "admin:hunter@8@api.example.org"',
    'registries: { configs: { "u:hunter10@r:5000": {} } }',
    'registries: { mirrors: { "u:hunter10@r:5000": {} } }',
    'registries: { configs: { r.example: "u:hunter11@x" } }',
    'artifact_url: "u:hunter12@mirror.example/rke2"',
    'ssh: { port: { password: hunter13 } }',
  ])('%s', line => {
    expect(said([line])).toContain('"severity":"error"')
    expect(said([line])).not.toContain('hunter')
  })

  it('what is none is shown as before', () => {
    expect(shown('10.0.0.5:2222')).toBe('"10.0.0.5:2222"')
    expect(shown('rancher/pause:3.6@sha256:01')).toBe('"rancher/pause:3.6@sha256:01"')
    expect(shown('http://u:p@host:1/x')).toBe('"http://…@host:1/x"')
    expect(findingsOf(['ssh: { jump: [{ host: "10.0.0.5:2222" }] }']).join()).toContain('10.0.0.5:2222')
  })
})
