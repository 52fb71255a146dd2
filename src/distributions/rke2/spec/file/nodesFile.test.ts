import { describe, expect, it } from 'vitest'
import { type NodesFileReading, readNodesFile } from '../../../../domain/clusterFile/nodesFile.ts'
import { rke2Format } from '../format.ts'
import { specOf } from './written.fixture.ts'

const spec = specOf([])
const read = (text: string): NodesFileReading =>
  readNodesFile(new TextEncoder().encode(text), 'nodes.yaml', rke2Format, spec)
/** Every finding as `LINE:COLUMN PATH: NAME: MESSAGE`. */
function found(text: string): string[] {
  const reading = read(text)
  if (reading.ok) return []
  return reading.findings.map(
    ({ name, place, message }) => `${place?.line}:${place?.column} ${place?.path}: ${name}: ${message}`,
  )
}
const w2 = '  - { hostname: w2, internal_ip: 10.0.0.22, role: worker }\n'

it('a list of nodes is read with the files that they name', () => {
  const reading = read(
    'nodes:\n  - hostname: w2\n    internal_ip: [10.0.0.22]\n    role: worker\n    node_vars: { node-label: [a=b] }\n    ssh: { key_file: keys/w2, sudo_password_file: pw }\n',
  )
  expect(reading).toMatchObject({
    ok: true,
    nodes: [{ hostname: 'w2', internal_ip: '10.0.0.22', role: 'worker', node_vars: { 'node-label': ['a=b'] } }],
    keyFiles: [
      { file: 'keys/w2', path: ['nodes', 0, 'ssh', 'key_file'] },
      { file: 'pw', path: ['nodes', 0, 'ssh', 'sudo_password_file'] },
    ],
  })
})

it.each([
  [
    'an unknown key',
    'nodes:\n  - { hostname: w2, internal_ip: 10.0.0.22, rol: worker }\n',
    [
      '2:5 nodes[0].role: missing-key: role is missing',
      '2:45 nodes[0].rol: unknown-key: unknown key "rol"; did you mean role?',
    ],
  ],
  [
    'an address that is none',
    'nodes:\n  - { hostname: w2, internal_ip: 10.0.0.222222, role: worker }\n',
    ['2:34 nodes[0].internal_ip: bad-value: found "10.0.0.222222": not an IPv4 or IPv6 address'],
  ],
  [
    'an address that a node of the cluster has',
    `nodes:\n${w2}  - hostname: w3\n    internal_ip: 10.0.0.21\n    role: worker\n`,
    ['4:18 nodes[1].internal_ip: duplicate-address: 10.0.0.21 is used by w1 already'],
  ],
  [
    'a node twice',
    `nodes:\n${w2}${w2}`,
    [
      '3:17 nodes[1].hostname: duplicate-hostname: w2 is used by an earlier node already',
      '3:34 nodes[1].internal_ip: duplicate-address: 10.0.0.22 is used by an earlier node already',
    ],
  ],
  [
    'a second first server',
    'nodes:\n  - { hostname: m2, internal_ip: 10.0.0.12, role: initial_master }\n',
    ['2:51 nodes[0].role: two-initial-masters: m1 is the initial_master already'],
  ],
  [
    'a node that the cluster has otherwise',
    'nodes:\n  - { hostname: w1, internal_ip: 10.0.0.99, role: worker }\n',
    ['2:5 nodes[0]: node-differs: the cluster has it already, and its internal_ip is "10.0.0.21", not "10.0.0.99"'],
  ],
  [
    'a whole cluster file',
    'apiVersion: slipway/v1\nkind: Cluster\nspec: {}\n',
    ['1:1 : no-nodes-file: this is a cluster file, and a list of nodes is needed'],
  ],
  [
    'more than nodes',
    `version: v1.34.1+rke2r1\nnodes:\n${w2}`,
    ['1:1 version: unknown-key: unknown key "version": a list of nodes has the key nodes, and nothing beside it'],
  ],
  ['a bare list', '- hostname: w2\n', ['1:1 : no-nodes-file: this is no map with the key nodes']],
  ['no node', 'nodes: []\n', ['1:8 nodes: out-of-range: found 0 items, at least 1 items']],
  [
    'a key of RKE2 at the node',
    'nodes:\n  - { hostname: w2, internal_ip: 10.0.0.22, role: worker, node-label: [a=b] }\n',
    ['2:59 nodes[0].node-label: unknown-key: unknown key "node-label": it is one of RKE2\'s own'],
  ],
  [
    'no YAML',
    'nodes:\n\t- hostname: w2\n',
    ['2:1 : yaml-syntax: a tab stands here, and YAML indents with blanks only'],
  ],
  ['a key twice', `nodes:\n${w2}nodes:\n${w2}`, ['3:1 nodes: duplicate-key: the key "nodes" stands here twice']],
])('%s is told with its line', (_what, text, findings) => {
  expect(found(text)).toEqual(findings)
})

it('nothing of a private key is repeated', () => {
  const [finding = ''] = found('-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n')
  expect(finding).toContain('no-cluster-file: this looks like a private key')
  expect(finding).not.toContain('c2VjcmV0')
})

describe('a node that the cluster has', () => {
  it('with the same settings is no fault, however they are written', () => {
    expect(
      found('nodes:\n  - { hostname: w1, internal_ip: [10.0.0.21], role: worker, use_external_ip: false, ssh: {} }\n'),
    ).toEqual([])
  })
})
