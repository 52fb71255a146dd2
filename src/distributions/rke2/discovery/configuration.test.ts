import { describe, expect, it } from 'vitest'
import { renderConfigEntries } from '../files/configEntries.ts'
import type { Rke2Node } from '../spec/spec.ts'
import { endpointOf } from './endpointOf.ts'
import { saysTheSame } from './sameMeaning.ts'
import { type Settings, settingsOf } from './settings.ts'
import { variablesOf } from './variables.ts'

const m1: Rke2Node = { hostname: 'm1', internal_ip: '10.0.0.1', role: 'initial_master' }
const m2: Rke2Node = { hostname: 'm2', internal_ip: '10.0.0.2', role: 'master' }
const w1: Rke2Node = { hostname: 'w1', internal_ip: '10.0.0.3', external_ip: '192.0.2.3', role: 'worker' }
const file = (text: string, path = '/etc/rancher/rke2/config.yaml') => ({
  path,
  content: Buffer.from(text).toString('base64'),
})
const read = (...texts: readonly string[]): Settings => {
  const settings = settingsOf(texts.map(text => file(text)))
  if (settings === null) throw new Error('it cannot be read')
  return settings
}
const spoken = (machines: readonly (readonly [Rke2Node, string])[], endpoint: string | null = null) => {
  const { cluster, nodes, unspoken } = variablesOf(
    machines.map(([node, text]) => ({ node, settings: read(text) })),
    endpoint,
  )
  return { cluster, nodes: Object.fromEntries(nodes), unspoken: Object.fromEntries(unspoken) }
}

describe('the configuration of one machine', () => {
  it('is read as RKE2 reads it', () => {
    expect(
      Object.fromEntries(read('s: https://a:9345\nselinux: yes\nwrite-kubeconfig-mode: 0640\nselinux: no\n')),
    ).toEqual({
      server: 'https://a:9345',
      selinux: false,
      'write-kubeconfig-mode': 416,
    })
    expect(Object.fromEntries(read('node-label: a=b\nprofile: cis\n', 'node-label+: [c=d]\nprofile: etcd\n'))).toEqual({
      'node-label': ['a=b', 'c=d'],
      profile: 'etcd',
    })
    expect(Object.fromEntries(read('', '# nothing\n'))).toEqual({})
  })

  it.each(['- a list', 'a: [', 'just words', 'a: *none'])('is nothing that RKE2 could read: %s', text => {
    expect(settingsOf([file(text)])).toBeNull()
  })
})

describe('what all machines say', () => {
  it('belongs to the cluster where it is alike, and else to each of them', () => {
    const server = 'token: t\ncni: cilium\ntls-san: [api.test, 10.0.0.1]\nkubelet-arg: max-pods=200\n'
    expect(
      spoken([
        [m1, `${server}node-label: a=b`],
        [m2, `${server.replace('10.0.0.1', '10.0.0.2')}server: https://10.0.0.1:9345\nnode-label: a=b`],
        [w1, 'server: https://10.0.0.1:9345\ntoken: t\nkubelet-arg: [max-pods=200]\nprofile: cis\nnode-ip: 10.0.0.3'],
      ]),
    ).toEqual({
      cluster: { cni: 'cilium', 'tls-san': ['api.test'], 'kubelet-arg': ['max-pods=200'] },
      nodes: { m1: { 'node-label': ['a=b'] }, m2: { 'node-label': ['a=b'] }, w1: { profile: 'cis' } },
      unspoken: {},
    })
  })

  it('gives a taint of the only server to no other node', () => {
    expect(spoken([[m1, 'node-taint: ["only=servers:NoSchedule"]\ndebug: true']])).toMatchObject({
      cluster: { debug: true },
      nodes: { m1: { 'node-taint': ['only=servers:NoSchedule'] } },
    })
  })

  it('keeps keys that nobody knows, and names those that cannot be said', () => {
    expect(
      spoken([
        [
          m1,
          'some-new-key: 5\netcd-s3-secret-key: s\nwrite-kubeconfig: /root/config\ndata-dir: /tmp\ncni: none-such\n',
        ],
      ]),
    ).toEqual({
      cluster: { extra: { 'some-new-key': 5 } },
      nodes: {},
      unspoken: { m1: ['etcd-s3-secret-key', 'write-kubeconfig', 'data-dir', 'cni'] },
    })
  })

  it('names servers whose cluster-wide keys contradict those of the first', () => {
    expect(
      spoken([
        [m1, 'cluster-domain: a.test'],
        [m2, 'cluster-domain: b.test'],
      ]),
    ).toEqual({
      cluster: { 'cluster-domain': 'a.test' },
      nodes: {},
      unspoken: { m2: ['cluster-domain'] },
    })
  })

  it('passes over what an agent says to no effect', () => {
    expect(spoken([[w1, 'cni: cilium\ncluster-cidr: 10.1.0.0/16']])).toEqual({ cluster: {}, nodes: {}, unspoken: {} })
  })
})

describe('the endpoint', () => {
  const of = (url: string, san = 'tls-san: api.test') =>
    endpointOf(
      [
        { node: m1, settings: read(san) },
        { node: m2, settings: read(`server: ${url}\n${san}`) },
        { node: w1, settings: read(`server: ${url}`) },
      ],
      [m1, m2, w1],
    )
  it.each([
    ['https://api.test:9345', 'api.test'],
    ['https://api.test:443', undefined],
    ['https://10.0.0.1:9345', undefined],
    ['https://m1:9345', undefined],
    ['https://other.test:9345', undefined],
    ['nonsense', undefined],
  ])('of %s is %s', (url, endpoint) => {
    expect(of(url)).toBe(endpoint)
  })
  it('is found also where some joined at a server, and is none where there are two', () => {
    const joined = (...urls: readonly string[]) =>
      endpointOf(
        urls.map((url, at) => ({
          node: at === 0 ? { ...m2 } : { ...w1 },
          settings: read(`server: ${url}\ntls-san: [vip.test, other.test]`),
        })),
        [m1, m2, w1],
      )
    expect(joined('https://10.0.0.1:9345', 'https://vip.test:9345')).toBe('vip.test')
    expect(joined('https://other.test:9345', 'https://vip.test:9345')).toBeUndefined()
  })
})

describe('a configuration says the same as Slipway would write', () => {
  const token = 'secret'
  const same = (
    node: Rke2Node,
    text: string,
    { agent_token = token, vars = {}, machineName = node.hostname, endpoint = undefined as string | undefined } = {},
  ) => {
    const isAgent = node.role === 'worker'
    const wanted = renderConfigEntries({
      cluster: { cluster_vars: vars, api_endpoint: endpoint },
      node,
      kind: isAgent ? 'worker' : node.role === 'master' ? 'joining' : 'initial',
      agentToken: agent_token,
      ...(!isAgent && { token }),
      ...(node.role !== 'initial_master' && { server: 'https://10.0.0.1:9345' }),
    })
    return saysTheSame(
      { node, settings: read(text) },
      { wanted, machineName, token, agent_token, endpoint: endpoint ?? null },
    )
  }

  it.each<[string, Rke2Node, string, Parameters<typeof same>[2]?]>([
    ['an empty one of a first server', m1, ''],
    ['with its token', m1, 'token: secret'],
    ['with the secure form of its token', m2, 'server: https://10.0.0.9:9345\ntoken: K10abc::server:secret'],
    ['with the token in a file', m2, 'token-file: /root/token'],
    ['of an agent that joined by the server token', w1, 'token: secret', { agent_token: 'other' }],
    ['of an agent that joined by its own token', w1, 'token: K10ab::node:other', { agent_token: 'other' }],
    ['with its addresses', w1, 'token: secret\nnode-ip: [10.0.0.3]\nnode-external-ip: 192.0.2.3'],
    ['with a name', m1, 'node-name: m1', { machineName: 'other' }],
    ['with names for the certificate that it has anyhow', m1, 'tls-san:\n- 10.0.0.1'],
    [
      'in another spelling',
      m1,
      'selinux: "yes"\nwrite-kubeconfig-mode: "640"\nnode-label: a=b,c=d',
      { vars: { selinux: true, 'write-kubeconfig-mode': '0640', 'node-label': ['a=b', 'c=d'] } },
    ],
    ['with a key that no cluster file can say', m1, 'etcd-s3-secret-key: s'],
    ['with the endpoint', m1, 'tls-san: [api.test]', { endpoint: 'api.test' }],
  ])('%s', (_what, node, text, more) => {
    expect(same(node, text, more)).toBe(true)
  })

  it.each<[string, Rke2Node, string, Parameters<typeof same>[2]?]>([
    ['another token', m1, 'token: other'],
    ['no token for agents where they have one of their own', m1, 'token: secret', { agent_token: 'other' }],
    ['another name', m1, '', { machineName: 'other' }],
    ['another address', m1, 'node-ip: 10.0.0.9'],
    ['a key more', m1, 'debug: true'],
    ['a key less', m1, '', { vars: { debug: true } }],
    ['another value', m1, 'cni: cilium', { vars: { cni: 'canal' } }],
    ['no endpoint in its certificate', m1, '', { endpoint: 'api.test' }],
    ['a name more in its certificate', m1, 'tls-san: [api.test]'],
  ])('not with %s', (_what, node, text, more) => {
    expect(same(node, text, more)).toBe(false)
  })
})
