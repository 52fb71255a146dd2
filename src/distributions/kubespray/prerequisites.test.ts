import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import type { Bootstrap } from '../../clusters/session.ts'
import type { HostFacts } from './host/facts.ts'
import { formedFindings } from './formed.ts'
import type { Note } from './note.ts'
import { preflightFindings } from './preflight.ts'
import { roleProgress } from './roleProgress.ts'
import { clusterOf, factsOf, knownCa, memberFacts, nodeOf, seenAs } from './seen.fixture.ts'
import type { Node } from '../../kubernetes/resources.ts'

const cluster = clusterOf()
const bootstrap = (state: Bootstrap['state']): Bootstrap => ({
  state,
  machine_id: null,
  joiner_started: false,
  ca_hash: state === 'done' ? knownCa : null,
  etcd_cluster: null,
})

describe('machines that nothing was done to', () => {
  const found = (worker: HostFacts, state: Bootstrap['state'] = 'unused') => {
    const facts = [factsOf('m1'), worker]
    const hosts = cluster.nodes.map((node, index) => seenAs(node, facts[index] ?? worker))
    return preflightFindings({ hosts, bootstrap: bootstrap(state) }, cluster).map(
      ({ name, severity, about }) => `${severity} ${name} ${about}`,
    )
  }
  const disk = { path: '/', mount: '/', free_mib: 10, size_mib: 60, inodes_free: 1, read_only: false, noexec: false }

  it.each<[string, object, string[]]>([
    ['as they should be', {}, []],
    ['with another processor', { arch: 'riscv64' }, ['error arch-unsupported node w1']],
    ['with few processors', { cpus: 1 }, ['warning few-cpus node w1']],
    ['with little memory', { memory_mib: 512 }, ['warning little-memory node w1']],
    [
      'with an old Python',
      { python: { path: '/usr/bin/python3', version: '3.6.8' } },
      ['error python-too-old node w1'],
    ],
    ['with a full disk', { disks: { root: disk, data: disk } }, ['error disk-full node w1']],
    ['that are one', { machine_id: 'id-of-m1' }, ['error equal-machine-id node w1']],
    [
      'of another Kubernetes',
      { kubernetes: { ca: null, kubelet: true, admin: false, others: [] } },
      ['error earlier-install node w1'],
    ],
    ['with data of etcd', { etcd: { name: null, data: true, told: null } }, ['error earlier-install node w1']],
    [
      'of RKE2',
      { kubernetes: { ca: null, kubelet: false, admin: false, others: ['rke2'] } },
      ['error earlier-install node w1'],
    ],
  ])('%s', (_what, more, expected) => expect(found(factsOf('w1', more))).toEqual(expected))

  it('may hold what an earlier attempt has left', () => expect(found(memberFacts('w1'), 'claimed')).toEqual([]))

  it('that are out of reach stand in the way, and are not left out', () => {
    const [m1, w1] = cluster.nodes
    if (!m1 || !w1) throw new TypeError('the fixture has two nodes')
    const error = new SlipwayError('host-unreachable', 'w1 does not answer')
    const hosts = [seenAs(m1, factsOf('m1')), { node: w1, facts: null, error }]
    const [one, ...others] = preflightFindings({ hosts, bootstrap: bootstrap('unused') }, cluster)
    expect(others).toEqual([])
    expect(one).toMatchObject({ name: 'host-unreachable', remedy: expect.not.stringContaining('--accept') })
  })
})

describe('a cluster that was made', () => {
  const wanted: Note = { cluster: 'a', 'node.m1': 'b', 'node.w1': 'c' }
  const found = (nodes: readonly Node[], noted: Note | null = wanted, worker = memberFacts('w1')) => {
    const facts = [memberFacts('m1'), worker]
    const hosts = cluster.nodes.map((node, index) => seenAs(node, facts[index] ?? worker))
    const seen = { hosts, bootstrap: bootstrap('done'), kubeconfig: '', api: { nodes, error: null } as const }
    return formedFindings(seen, cluster, { noted, wanted }).map(({ name, about }) => `${name} ${about}`)
  }
  const all = [nodeOf('m1'), nodeOf('w1')]

  it.each<[string, string[], string[]]>([
    ['that is as the file says', found(all), []],
    ['without a note of what it was made with', found(all, null), []],
    ['to which a node is to be added', found([nodeOf('m1')]), ['operation-unsupported node w1']],
    ['of another version', found([nodeOf('m1', 'v1.33.5'), nodeOf('w1')]), ['operation-unsupported node m1']],
    ['with other variables', found(all, { ...wanted, cluster: 'z' }), ['operation-unsupported spec.cluster_vars']],
    ['with other variables of a node', found(all, { ...wanted, 'node.w1': 'z' }), ['operation-unsupported node w1']],
    [
      'with a stranger among its machines',
      found(
        all,
        wanted,
        factsOf('w1', {
          kubernetes: { ca: Buffer.from('other').toString('base64'), kubelet: true, admin: false, others: [] },
        }),
      ),
      ['wrong-cluster node w1'],
    ],
  ])('%s', (_what, names, expected) => expect(names).toEqual(expected))
})

it('progress is told once for each role that begins', () => {
  const told: string[] = []
  const tell = roleProgress(message => void told.push(message))
  tell({ event: 'play', play: 'Install etcd', hosts: [] })
  for (const task of ['etcd : one', 'etcd : two', 'download : a', 'bare task', 'etcd : three'])
    for (const host of ['m1', 'm2']) tell({ event: 'task', host, task, outcome: 'start' })
  tell({ event: 'task', host: 'm1', task: 'other : ended', outcome: 'ok' })
  expect(told).toEqual([
    'Install etcd: role etcd',
    'Install etcd: role download',
    'Install etcd',
    'Install etcd: role etcd',
  ])
})
