import { readRke2File } from './written.fixture.ts'
import { describe, expect, it } from 'vitest'

const findings = (text: string) => {
  const reading = readRke2File(new TextEncoder().encode(text), 'c.yaml')
  return reading.ok ? [] : reading.findings
}

describe('a file that is something else is told by its looks, and nothing of it is repeated', () => {
  it.each([
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n'],
    ['a private key', '# mine\n-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nhunter2\n'],
    ['a private key', 'PuTTY-User-Key-File-3: ssh-rsa\nComment: hunter2\nPrivate-Lines: 1\nhunter2\n'],
    ['a certificate', '-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n'],
    ['a list of public keys', 'ssh-ed25519 AAAAhunter2 hunter2@x\n'],
    ['users and their passwords', 'root:$6$hunter2$hunter2:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n'],
    ['a vault', '$ANSIBLE_VAULT;1.1;AES256\n6162hunter2\n'],
    ['a server token', `K10${'a1'.repeat(32)}::server:hunter2\n`],
    ['[sections]', '[default]\naws_secret_access_key = hunter2\n'],
    ['a text', 'hunter2\n'],
    ['a text', 'DB_PASSWORD=hunter2\nOTHER=hunter2\n'],
    ['a list', '- hunter2\n- { password: hunter2 }\n'],
    ['none of its keys', 'username: bob\npassword: hunter2\nhunter2: x\n'],
    ['none of its keys', '{"auths": {"r.example": {"auth": "hunter2"}}, "hunter2": !hunter2 1}'],
  ])('%s: %j', (kind, text) => {
    const all = findings(text)
    expect(all).toEqual([expect.objectContaining({ name: 'no-cluster-file', message: expect.stringContaining(kind) })])
    expect(JSON.stringify(all)).not.toContain('hunter2')
  })

  it.each(['password: hunter2\n] hunter2', 'a: *hunter2\n', 'a: |hunter2\n  x\n', 'p: "\\hunter2"\n', '}hunter2{\n'])(
    'nor where it is no YAML: %j',
    text => {
      expect(findings(text)).toHaveLength(1)
      expect(JSON.stringify(findings(text))).not.toContain('hunter')
    },
  )
})

describe("RKE2's own configuration is recognized", () => {
  it.each([
    'token: hunter2\ntls-san: [api.example.org]\n',
    'server: https://10.0.0.1:9345\ntoken: hunter2\n',
    'write-kubeconfig-mode: "0644"\ncni: cilium\netcd-s3-secret-key: hunter2\n',
    'kubelet-arg+: [max-pods=200]\n',
  ])('%j', text => {
    const all = findings(text)
    expect(all).toHaveLength(1)
    expect(all[0]?.message).toContain('the configuration of RKE2 itself')
    expect(all[0]?.remedy).toContain('below spec.cluster_vars')
    expect(JSON.stringify(all)).not.toContain('hunter2')
    expect(all[0]?.remedy.includes('spec.secret_files')).toBe(text.includes('s3'))
  })
})

it.each(['apiversion: x\n', 'metdata: {}\n', 'nodes: []\nversion: v1.34.1+rke2r1\n', 'kind: Cluster\n'])(
  'what is meant as a cluster file is judged as one: %j',
  text => expect(findings(text).map(({ name }) => name)).not.toContain('no-cluster-file'),
)
