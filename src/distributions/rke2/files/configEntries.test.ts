import type { Rke2Node } from '../spec/spec.ts'
import { expect, test } from 'vitest'
import { environmentEntries, environmentText, registriesEntries, registriesText } from './hostFiles.ts'
import { isServerKey } from './serverKeys.ts'
import { type ConfigKind, renderConfigEntries, renderConfigText, serverUrl } from './configEntries.ts'

const node = (role: Rke2Node['role'], more: Partial<Rke2Node> = {}): Rke2Node => ({
  hostname: 'n1',
  internal_ip: '10.0.0.1',
  role,
  ...more,
})
const secrets = { token: 'server-secret', agentToken: 'agent-secret' }
const kinds = { initial_master: 'initial', master: 'joining', worker: 'worker' } as const satisfies Record<
  Rke2Node['role'],
  ConfigKind
>
const text = (one: Rke2Node, cluster: Parameters<typeof renderConfigEntries>[0]['cluster'] = {}, server?: string) =>
  renderConfigText(
    renderConfigEntries({ cluster, node: one, kind: kinds[one.role], ...secrets, ...(server && { server }) }),
  )

test('the initial master has no server, and its certificate names endpoint and own addresses', () => {
  expect(
    text(node('initial_master', { external_ip: '192.0.2.1' }), {
      api_endpoint: 'k8s.example.org',
      cluster_vars: { 'tls-san': ['extra.example.org', '10.0.0.1'], cni: 'cilium' },
    }),
  ).toBe(
    [
      'token: "server-secret"',
      'agent-token: "agent-secret"',
      'node-name: "n1"',
      'node-ip: "10.0.0.1"',
      'node-external-ip: "192.0.2.1"',
      'tls-san: ["k8s.example.org","10.0.0.1","192.0.2.1","extra.example.org"]',
      'cni: "cilium"',
      '',
    ].join('\n'),
  )
})

test('files that the cluster file brings are named where they will lie, to servers only', () => {
  const cluster = { files: { audit_policy: './a.yaml', pod_security: './p.yaml', kubelet_config: './k.yaml' } }
  const named = [
    'audit-policy-file: "/etc/rancher/rke2/slipway/audit-policy.yaml"',
    'pod-security-admission-config-file: "/etc/rancher/rke2/slipway/pod-security.yaml"',
  ]
  expect(text(node('initial_master'), cluster)).toContain(`${named.join('\n')}\n`)
  expect(text(node('worker'), cluster, serverUrl('10.0.0.9'))).not.toContain('slipway')
  expect(text(node('initial_master'))).not.toContain('slipway')
})

test('a joiner names the server it joins, a worker too and gets the agent token only', () => {
  expect(text(node('master'), {}, serverUrl('10.0.0.9'))).toMatch(/^server: "https:\/\/10\.0\.0\.9:9345"\n/)
  const worker = text(
    node('worker'),
    {
      cluster_vars: {
        cni: 'canal',
        'cluster-cidr': '10.42.0.0/16',
        'kubelet-arg': ['v=2'],
        extra: { 'etcd-s3': true },
      },
    },
    serverUrl('fd00::9'),
  )
  expect(worker).toBe(
    [
      'server: "https://[fd00::9]:9345"',
      'token: "agent-secret"',
      'node-name: "n1"',
      'node-ip: "10.0.0.1"',
      'kubelet-arg: ["v=2"]',
      '',
    ].join('\n'),
  )
})

test('a node’s value wins over the cluster’s, extra wins over both, and the order never depends on the input’s', () => {
  const one = text(
    node('worker', { node_vars: { 'node-label': ['a=2'], extra: { 'pause-image': 'mine' } } }),
    { cluster_vars: { selinux: true, 'node-label': ['a=1'], debug: false, extra: { 'pause-image': 'theirs' } } },
    serverUrl('10.0.0.9'),
  )
  const other = text(
    node('worker', { node_vars: { extra: { 'pause-image': 'mine' }, 'node-label': ['a=2'] } }),
    { cluster_vars: { extra: { 'pause-image': 'theirs' }, debug: false, 'node-label': ['a=1'], selinux: true } },
    serverUrl('10.0.0.9'),
  )
  expect(one).toBe(other)
  expect(one).toMatch(/debug: false\nnode-label: \["a=2"\]\npause-image: "mine"\nselinux: true\n$/)
})

test('a kind that does not fit the role, a missing server or token is refused', () => {
  const request = { cluster: {}, ...secrets, server: serverUrl('10.0.0.9') }
  expect(() => renderConfigEntries({ ...request, node: node('worker'), kind: 'joining' })).toThrow(/is a worker/)
  expect(() => renderConfigEntries({ ...request, node: node('master'), kind: 'worker' })).toThrow(/is a master/)
  expect(() => text(node('master'))).toThrow('n1 has no server to join')
  expect(() =>
    renderConfigEntries({ cluster: {}, node: node('initial_master'), kind: 'initial', agentToken: 'x' }),
  ).toThrow('n1 has no server token')
})

test.each(['agent-token', 'etcd-s3-bucket', 'kube-apiserver-arg+', 'tls-san', 'write-kubeconfig-mode', 'cluster-dns'])(
  '%s is a key of servers only',
  key => {
    expect(isServerKey(key)).toBe(true)
  },
)

test.each(['kubelet-arg', 'node-taint', 'data-dir', 'kube-proxy-arg', 'profile', 'selinux', 'snapshotter'])(
  '%s is a key that agents know',
  key => {
    expect(isServerKey(key)).toBe(false)
  },
)

test('registries.yaml is marked as ours, holds logins under configs, and is empty when there is nothing to say', () => {
  const entries = registriesEntries(
    { mirrors: { 'docker.io': { endpoint: ['https://mirror.example.org'] } }, configs: { a: { auth_file: 'x' } } },
    { a: { username: 'u', password: 'p' } },
  )
  expect(registriesText(entries)).toBe(
    [
      '# Written by Slipway; changes are overwritten.',
      'mirrors: {"docker.io":{"endpoint":["https://mirror.example.org"]}}',
      'configs: {"a":{"auth":{"password":"p","username":"u"}}}',
      '',
    ].join('\n'),
  )
  expect(registriesText(registriesEntries(undefined))).toBe('')
})

test('the proxy environment excepts this host, what it must reach directly, and what the user names', () => {
  const entries = environmentEntries(
    { https_proxy: 'http://proxy.example.org:3128', no_proxy: ['.example.org', '10.0.0.0/8'] },
    ['10.0.0.9'],
  )
  expect(environmentText(entries)).toBe(
    [
      '# Written by Slipway; changes are overwritten.',
      'HTTPS_PROXY="http://proxy.example.org:3128"',
      'NO_PROXY="127.0.0.1,localhost,::1,10.0.0.9,.example.org,10.0.0.0/8"',
      '',
    ].join('\n'),
  )
  expect(environmentText(environmentEntries(undefined))).toBe('')
  expect(() => environmentEntries({ http_proxy: 'http://p', no_proxy: ['a"b'] })).toThrow(/no_proxy/)
})

test('a node with an address of each family says both, and its certificate names both', () => {
  const both = text(node('initial_master', { internal_ip: '10.0.0.1,fd00::1', external_ip: '192.0.2.1,2001:db8::1' }))
  expect(both).toContain('node-ip: "10.0.0.1,fd00::1"\nnode-external-ip: "192.0.2.1,2001:db8::1"\n')
  expect(both).toContain('tls-san: ["10.0.0.1","fd00::1","192.0.2.1","2001:db8::1"]\n')
})

test('secrets of the configuration are on servers only, and win over a key of the same name', () => {
  const given = (role: Rke2Node['role']) =>
    renderConfigText(
      renderConfigEntries({
        cluster: { cluster_vars: { extra: { 'etcd-s3-secret-key': 'from the file' } } },
        node: node(role),
        kind: kinds[role],
        ...secrets,
        server: serverUrl('10.0.0.9'),
        secrets: { 'etcd-s3-secret-key': 's3"cret', 'etcd-s3-access-key': '{{ x }}' },
      }),
    )
  for (const role of ['initial_master', 'master'] as const)
    expect(given(role)).toContain('etcd-s3-access-key: "{{ x }}"\netcd-s3-secret-key: "s3\\"cret"\n')
  expect(given('worker')).not.toContain('etcd-s3')
})
