import { describe, expect, it } from 'vitest'
import { findingsOf } from './written.fixture.ts'

const node = (text: string) => [`{ hostname: m1, internal_ip: 10.0.0.1, role: initial_master, ${text} }`]

describe('keys that Slipway sets itself name the field of the cluster file, wherever they stand', () => {
  it.each([
    ['server: https://10.0.0.1:9345', 'spec.nodes[].role'],
    ['node-ip: 10.0.0.1', 'spec.nodes[].internal_ip'],
    ['node-external-ip: 203.0.113.1', 'spec.nodes[].external_ip'],
    ['node-name: m1', 'spec.nodes[].hostname'],
    ['cluster-reset: true', 'spec.nodes[].role'],
    ['agent-token: hunter2', 'spec.token_file'],
    ['token: hunter2', 'spec.token_file'],
    ['write-kubeconfig: /root/config', 'slipway kubeconfig'],
  ])('%s', (line, way) => {
    const all = [
      findingsOf([`cluster_vars: { ${line} }`]),
      findingsOf([`cluster_vars: { extra: { ${line} } }`]),
      findingsOf([line]),
      findingsOf([], node(line)),
      findingsOf([], node(`node_vars: { ${line} }`)),
    ]
    for (const found of all) {
      expect(found).toEqual([expect.stringContaining(way)])
      expect(found[0]).not.toContain('hunter')
      if (!/token/.test(line)) expect(found[0]).not.toContain('token')
    }
  })
})

describe('keys whose value is secret are sent to secret_files at once', () => {
  it.each(['etcd-s3-secret-key', 'etcd-s3-session-token', 'datastore-endpoint', 'vpn-auth', 'etcd-s3-access-key+'])(
    '%s',
    key => {
      const way = `spec.secret_files: { ${key.replace('+', '')}: ./FILE }`
      for (const found of [
        findingsOf([`cluster_vars: { ${key}: hunter2 }`]),
        findingsOf([], node(`node_vars: { ${key}: hunter2 }`)),
      ]) {
        expect(found).toEqual([expect.stringContaining(way)])
        expect(found[0]).not.toMatch(/hunter|goes under/)
      }
    },
  )
})

describe('a key at the wrong place is told its right one', () => {
  it.each([
    ['registries: { configs: { r.example: { auth: { username: u, password: hunter2 } } } }', 'username: NAME'],
    ['registries: { configs: { r.example: { password: hunter2 } } }', 'password: PASSWORD'],
    ['ssh: { password: hunter2 }', 'sudo_password_file'],
    ['ssh: { ansible_password: hunter2 }', 'key_file: ./id_ed25519'],
    ['ssh: { jump: [{ host: j1, password: hunter2 }] }', 'key_file: ./id_ed25519'],
    ['ansible_become_password: hunter2', 'sudo_password_file'],
    ['ssh: { passphrase: hunter2 }', 'the SSH agent'],
    ['tls-san: [api.example.org]', 'Write tls-san in spec.cluster_vars'],
    ['cni: cilium', 'Write cni in spec.cluster_vars'],
    ['etcd-s3-secret-key: hunter2', 'spec.secret_files'],
  ])('%s', (line, way) => {
    const found = findingsOf([line])
    expect(found).toEqual([expect.stringContaining(way)])
    expect(found[0]).not.toContain('hunter')
  })

  it.each([
    ['node-label: [a=b]', 'Write node-label in node_vars'],
    ['cluster-cidr: 10.42.0.0/16', 'Write cluster-cidr in spec.cluster_vars'],
    ['ansible_password: hunter2', 'sudo_password_file'],
  ])('of a node: %s', (line, way) => expect(findingsOf([], node(line))).toEqual([expect.stringContaining(way)]))
})
