import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../host/facts.ts'
import {
  caFile,
  etcdMember,
  etcdOf,
  keptKubeconfig,
  knownCa,
  knownEtcd,
  machineFacts,
  serverFacts,
} from '../machineFacts.fixture.ts'
import { argumentsOfStage, type HostAnswers, stageBench } from '../stageBench.fixture.ts'
import type { StageArguments } from '../arguments.ts'
import { initialMaster } from './initialMaster.ts'
import type { ObservedServer } from './server.ts'

const stage = argumentsOfStage('rke2/initial-master', 2, 0)
const m1 = serverFacts('m1')
const cluster = { ready: true, error: null, nodes: [] }

const end = (facts: HostFacts, bootstrap = {}, more: HostAnswers = {}) => {
  const bench = stageBench({
    observe: hostname => (hostname === 'm1' ? facts : machineFacts({ hostname })),
    bootstrap: { state: 'claimed', joiner_started: false, ca_hash: null, etcd_cluster: null, ...bootstrap },
    ...more,
  })
  return { bench, ended: initialMaster(stage, bench.session).waitForReady(bench.attempt) }
}

describe('the server that makes the cluster', () => {
  it('puts the cluster on record with its CA and its etcd, and keeps its kubeconfig at once', async () => {
    const { bench, ended } = end(m1)
    await ended
    expect(bench.changes).toEqual([
      { type: 'bootstrap-done', ca_hash: knownCa, etcd_cluster: knownEtcd },
      { type: 'cluster-secret', name: 'kubeconfig', value: expect.stringContaining('https://10.0.0.0:6443') },
    ])
  })

  it('keeps the kubeconfig also where its attempt had ended just before that', async () => {
    const { bench, ended } = end(m1, { state: 'done', ca_hash: knownCa, etcd_cluster: knownEtcd })
    await ended
    expect(bench.changes.map(({ type }) => type)).toEqual(['cluster-secret'])
  })

  it.each([
    ['an earlier endpoint', keptKubeconfig(caFile, 'https://10.0.0.9:6443'), true],
    ['an earlier CA', keptKubeconfig(Buffer.from('the CA of before')), true],
    ['this cluster', keptKubeconfig(), false],
  ])('keeps another kubeconfig at once where the one that is kept leads to %s', async (_where, kubeconfig, renewed) => {
    const { bench, ended } = end(m1, { state: 'done', ca_hash: knownCa, etcd_cluster: knownEtcd }, { kubeconfig })
    await ended
    expect(bench.changes.map(({ type }) => type)).toEqual(renewed ? ['cluster-secret'] : [])
  })

  it('is put on record beside servers of its file: the record may be from before they joined', async () => {
    const { bench, ended } = end(serverFacts('m1', 'm2'))
    await ended
    expect(bench.changes.map(({ type }) => type)).toEqual(['bootstrap-done', 'cluster-secret'])
  })

  it.each([
    [
      'has no CA in the data folder',
      { ...m1, data: { ...m1.data, ca_hash: null } },
      'service-failed',
      'm1 is ready, but /var/lib/rancher/rke2 holds no CA of a cluster',
    ],
    [
      'does not tell of its etcd',
      { ...m1, cluster: { ...cluster, etcd: null } },
      'service-failed',
      'its etcd does not say',
    ],
    [
      'has joined one of others',
      serverFacts('m1', 'foreign'),
      'wrong-cluster',
      'none of the file’s servers (foreign-0a0a0a0a)',
    ],
    [
      'is not in its own list',
      { ...m1, cluster: { ...cluster, etcd: etcdOf('foreign') } },
      'wrong-cluster',
      'm1 does not vote',
    ],
    [
      'is a learner',
      { ...m1, cluster: { ...cluster, etcd: { ...etcdOf('m1'), members: [{ ...etcdMember('m1'), learner: true }] } } },
      'wrong-cluster',
      'm1 does not vote',
    ],
  ])('fails, and nothing is recorded, where it %s', async (_name, facts, code, message) => {
    const { bench, ended } = end(facts)
    await expect(ended).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    expect(bench.changes).toEqual([])
  })
})

it('the id of etcd is put on record where an earlier version did not, in sight', async () => {
  const bench = stageBench({ observe: () => serverFacts('m1', 'm2'), bootstrap: { etcd_cluster: null } })
  const bound = initialMaster(stage, bench.session)
  const observed = await bound.observe(bench.attempt)
  const decision = bound.shouldRun(observed)
  expect(decision.kind === 'run' ? decision.changes[0] : decision).toMatchObject({
    target: 'cluster/identity',
    detail: knownEtcd,
  })
  await bound.execute(bench.attempt, observed)
  expect(bench.changes).toContainEqual({ type: 'etcd-cluster', id: knownEtcd })
})

describe('where the CA of the cluster was rotated', () => {
  const earlier = 'e'.repeat(64)
  const given = { ...argumentsOfStage('rke2/initial-master', 2, 0), accepted: ['ca-rotated'] }
  const seenBy = (accepted: StageArguments) => {
    const bench = stageBench({
      observe: hostname => {
        const facts = serverFacts(hostname, ...['m1', 'm2'].filter(name => name !== hostname))
        return { ...facts, data: { ...facts.data, etcd_name: `${hostname}-0a0a0a0a` } }
      },
      bootstrap: { ca_hash: earlier },
    })
    return { bench, bound: initialMaster(accepted, bench.session) }
  }
  const tokenOf = ({ wanted }: ObservedServer) => wanted.write.config.find(({ key }) => key === 'token')?.value

  it('the new one is put on record before anything is done, and stands in the tokens from then on', async () => {
    const { bench, bound } = seenBy(given)
    const observed = await bound.observe(bench.attempt)
    const decision = bound.shouldRun(observed)
    expect(decision.kind === 'run' ? decision.changes.map(({ effect, target }) => `${effect} ${target}`) : []).toEqual(
      expect.arrayContaining(['update cluster/authority', 'create node/m1/config', 'restart node/m1/service']),
    )
    expect(tokenOf(observed)).toContain(`K10${knownCa}::`)
    await bound.execute(bench.attempt, observed)
    expect(bench.changes[0]).toEqual({ type: 'cluster-authority', ca_hash: knownCa })
  })

  it('nothing of it is done before it was accepted', async () => {
    const { bench, bound } = seenBy({ ...given, accepted: [] })
    const observed = await bound.observe(bench.attempt)
    expect(bound.checkPrerequisites?.(observed)).toContainEqual(
      expect.objectContaining({ name: 'ca-rotated', severity: 'warning', about: 'node m1' }),
    )
    expect(tokenOf(observed)).toContain(`K10${earlier}::`)
  })
})
