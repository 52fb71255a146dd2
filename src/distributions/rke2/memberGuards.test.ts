import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import type { HostFacts } from './host/facts.ts'
import {
  bootstrapRecord,
  host,
  installedFacts as installed,
  observedCluster,
  member,
  server,
} from './observedCluster.fixture.ts'
import type { ObservedHost, ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { etcdMember, etcdOf, knownEtcd, machineFacts } from './machineFacts.fixture.ts'
import { memberFindings, reinstalledFindings } from './memberGuards.ts'
import { identityOf } from './recordedIdentity.ts'

const beside = { authority: server('m2', 2), members: new Map([['m1', member]]), etcd: etcdOf('m2', 'm1', 'm3') }
const findings = (facts: HostFacts, over: Partial<ObservedCluster> = {}, node: ReachedHost['node'] = server('m1')) =>
  memberFindings(host(facts, node), observedCluster(facts, { ...beside, ...over }), {
    cluster: { name: 'demo' },
    accepted: [],
  })
const names = (...given: Parameters<typeof findings>) =>
  findings(...given).map(({ severity, name }) => `${severity} ${name}`)
const runs = (etcd: NonNullable<HostFacts['cluster']>['etcd']) => ({
  ...installed,
  cluster: { ready: true, error: null, nodes: [], etcd },
})

describe('a host of the recorded cluster', () => {
  it.each([
    ['that works', installed, {}],
    ['that works and says so itself', runs(etcdOf('m1', 'm2', 'm3')), {}],
    ['whose list lags behind by one that joined just now', runs(etcdOf('m1', 'm2')), {}],
    ['that nobody can be asked about', installed, { authority: null, members: null, etcd: null }],
    ['that is fresh, and of which nobody has heard', machineFacts(), { members: new Map(), etcd: etcdOf('m2', 'm3') }],
    [
      'that was entered as a learner and has never started',
      machineFacts(),
      {
        members: new Map(),
        etcd: {
          ...etcdOf('m2'),
          members: [etcdMember('m2'), { ...etcdMember('m1'), name: '', peer_urls: ['https://10.0.0.1:2380'] }],
        },
      },
    ],
    [
      'whose member is gone and whose data was deleted, beside the Node that it still knows the password of',
      machineFacts({ data: { ...machineFacts().data, server: true, node_password: true } }),
      { etcd: etcdOf('m2', 'm3') },
    ],
  ])('%s passes', (_name, facts, over) => {
    expect(findings(facts, over)).toEqual([])
  })
})

describe('data of another cluster', () => {
  it.each([
    ['under another CA', { ...installed, data: { ...installed.data, ca_hash: 'd'.repeat(64) } }, 'CA dddd'],
    ['under the same CA', runs({ ...etcdOf('m1', 'm2', 'm3'), cluster_id: 'bad' }), `bad instead of ${knownEtcd}`],
    [
      'that split off under the same id',
      runs(etcdOf('m1')),
      'an etcd by itself (members: m1-0a0a0a0a), beside that of m2',
    ],
  ])('is refused %s', (_name, facts, message) => {
    const [found] = findings(facts, facts.cluster ? { etcd: etcdOf('m2', 'm3') } : {})
    expect(found).toMatchObject({ name: 'foreign-data', severity: 'error', message: expect.stringContaining(message) })
  })

  it('tells how to uninstall what lies in another folder', () => {
    const data = { ...installed.data, ca_hash: 'd'.repeat(64), path: '/srv/rke2' }
    expect(findings({ ...installed, data })[0]?.remedy).toContain('RKE2_DATA_DIR=/srv/rke2 rke2-uninstall.sh')
  })
})

describe('data of a member that the cluster has removed', () => {
  it('is named with its folder, whether the Node is there or not', () => {
    const removed = { etcd: etcdOf('m2', 'm3') }
    expect(names(installed, removed)).toEqual(['error member-removed'])
    expect(names(installed, { ...removed, members: new Map() })).toEqual(['error member-removed'])
    expect(findings(installed, removed)[0]?.remedy).toContain('rm -r /var/lib/rancher/rke2/server/db')
    const moved = { ...installed, data: { ...installed.data, path: '/srv/rke2' } }
    expect(findings(moved, removed)[0]?.remedy).toContain(
      'as root: RKE2_DATA_DIR=/srv/rke2 /usr/local/bin/rke2-killall.sh; rm -r /srv/rke2/server/db. Then apply again.',
    )
    const packaged = { ...installed, release: { ...installed.release, prefix: '/usr', rpm: true } }
    expect(findings(packaged, removed)[0]?.remedy).toContain('as root: /usr/bin/rke2-killall.sh; rm -r /var/lib')
  })

  it('is refused also where the cluster has a newer member of that name', () => {
    const newer = { ...etcdOf('m2'), members: [etcdMember('m2'), { ...etcdMember('m1'), name: 'm1-bbbbbbbb' }] }
    expect(names(installed, { etcd: newer })).toEqual(['error member-removed'])
  })

  it('is known by its address where the name is lost', () => {
    const nameless = { ...installed, data: { ...installed.data, etcd_name: null } }
    const at = (address: string) => ({
      ...etcdOf('m2'),
      members: [{ ...etcdMember('m1'), peer_urls: [`https://${address}:2380`] }],
    })
    expect(names(nameless, { etcd: at('10.0.0.1') })).toEqual([])
    expect(names(nameless, { etcd: at('10.0.0.9') })).toEqual(['error member-removed'])
    const dual = { ...server('m1'), internal_ip: '10.0.0.1,FD00:0::11' }
    expect(names(nameless, { etcd: at('[fd00::11]') }, dual)).toEqual([])
  })
})

describe('a member whose disk is gone', () => {
  const dead = { ...etcdOf('m2'), members: [etcdMember('m2'), { ...etcdMember('m1'), healthy: false }] }

  it('is not one that answers: it may be joining just now, by itself', () => {
    expect(names(machineFacts())).toEqual([])
  })

  it.each([
    ['member and Node are there', { etcd: dead }],
    ['only its member is left', { etcd: dead, members: new Map() }],
    ['only its Node is left, and its password is lost', { etcd: etcdOf('m2', 'm3') }],
    ['etcd does not tell', { etcd: null }],
  ])('is refused while %s, with the whole command', (_name, over) => {
    const [found] = findings(machineFacts(), over)
    expect(found?.name).toBe('member-without-data')
    expect(found?.remedy).toContain('slipway node replace demo m1 m1=10.0.0.1 --accept host-key-changed:m1.')
    // In the run that was asked for so it has left by then.
    expect(found?.providedBy).toBe('rke2/leave-server:m1')
  })

  it('is refused as a worker, too', () => {
    const worker = { ...server('w1', 9), role: 'worker' as const }
    const nodes = new Map([['w1', { ...member, name: 'w1' }]])
    expect(names(machineFacts(), { members: nodes }, worker)).toEqual(['error member-without-data'])
  })

  it('is told of before its new host key is accepted, while the cluster counts on it', () => {
    const error = new SlipwayError('host-key-changed', 'another key')
    const seen = (over: Partial<ObservedCluster>, code = error) =>
      reinstalledFindings(
        observedCluster(installed, { ...beside, nodes: [{ node: server('m1'), facts: null, error: code }], ...over }),
        { cluster: { name: 'demo' } },
      ).map(({ remedy }) => remedy)
    expect(seen({ etcd: dead })).toEqual([expect.stringContaining('slipway node replace demo m1 m1=10.0.0.1')])
    expect(seen({})).toEqual([])
    expect(seen({ members: new Map(), etcd: etcdOf('m2', 'm3') })).toEqual([])
    expect(seen({ authority: null, members: null, etcd: null })).toEqual([])
    expect(seen({}, new SlipwayError('host-unreachable', 'off'))).toEqual([])
  })
})

describe('a cluster whose servers agree on another etcd than the recorded one', () => {
  const other = { ...etcdOf('m1'), cluster_id: 'new' }
  const servers = [host({ ...runs(other) })]
  const settled = (accepted: string[], all: readonly ObservedHost[] = servers) =>
    identityOf(all, bootstrapRecord, accepted)

  it('may have been restored, which is to be accepted by name', () => {
    expect(names(runs(other), settled([]))).toEqual(['warning cluster-restored'])
    expect(names(runs(other), { ...settled(['cluster-restored']), authority: server('m1'), etcd: other })).toEqual([])
    expect(settled(['cluster-restored'])).toMatchObject({ unrecorded: 'new', bootstrap: { etcd_cluster: 'new' } })
  })

  it.each([
    ['one says something else', host(runs(etcdOf('m2')), server('m2', 2))],
    ['one with data says nothing', host(installed, server('m2', 2))],
    ['one cannot be seen', { node: server('m2', 2), facts: null, error: new SlipwayError('host-unreachable', 'off') }],
  ])('is refused while %s', (_name, more) => {
    const found = settled(['cluster-restored'], [...servers, more])
    expect(found).toMatchObject({ unrecorded: null, restored: null })
    expect(names(runs(other), found)).toEqual(['error foreign-data'])
  })

  const off = (hostname: string, index: number): ObservedHost => ({
    node: server(hostname, index),
    facts: null,
    error: new SlipwayError('host-unreachable', 'off'),
  })
  const fresh = machineFacts()
  const silent = host(installed, server('m2', 2))

  it.each([
    ['the dead one', [off('m1', 1), host(runs(other), server('m2', 2)), host(fresh, server('m3', 3))], ['m1']],
    ['two dead ones', [off('m1', 1), off('m2', 2), host(runs(other), server('m3', 3))], ['m1', 'm2']],
    ['a dead one behind it', [...servers, off('m2', 2), host(runs(other), server('m3', 3))], ['m2']],
  ])('is taken for restored where %s is left out by name', (_name, all, absent) => {
    const absences = absent.map(name => `unreachable:${name}`)
    expect(settled(absences, all).restored).toBe('new')
    expect(settled([...absences, 'cluster-restored'], all)).toMatchObject({
      unrecorded: 'new',
      bootstrap: { etcd_cluster: 'new' },
    })
    expect(settled(['cluster-restored'], all)).toMatchObject({ unrecorded: null, restored: null })
  })

  it.each([
    [
      'peers keep silent data',
      [silent],
      'delete the data of the time before on m2, as root: /usr/local/bin/rke2-killall.sh; rm -r /var/lib/rancher/rke2/server/db',
    ],
    [
      'peers can’t be asked',
      [off('m2', 2)],
      'bring back m2, which could not be asked, or leave out what is lost: --accept unreachable:m2',
    ],
    [
      'peers are both',
      [off('m2', 2), host(installed, server('m3', 3))],
      'unreachable:m2; then delete the data of the time before on m3',
    ],
  ])('is never told to go where %s: what it holds may be the only copy', (_name, more, words) => {
    const nobody = { authority: null, members: null, etcd: null, servers: [...servers, ...more] }
    const [found] = findings(runs(other), nobody)
    expect(found?.name).toBe('foreign-data')
    expect(found?.remedy).toContain('keep its data')
    expect(found?.remedy).toContain(words)
    expect(found?.remedy).not.toMatch(/uninstall|delete it on m1/)
  })

  it('may go where another server answers for the recorded one', () => {
    const answers = host(runs(etcdOf('m2', 'm3')), server('m2', 2))
    const [found] = findings(runs(other), { servers: [...servers, answers], etcd: etcdOf('m2', 'm3') })
    expect(found?.remedy).toContain('delete it on m1, as root: /usr/local/bin/rke2-killall.sh; rm -r')
    expect(found?.remedy).not.toContain('uninstall')
  })

  it('is learnt where nothing is on record', () => {
    expect(identityOf(servers, { ...bootstrapRecord, etcd_cluster: null }, [])).toMatchObject({ unrecorded: 'new' })
    const foreign = [host({ ...runs(other), data: { ...installed.data, ca_hash: 'd'.repeat(64) } })]
    expect(identityOf(foreign, { ...bootstrapRecord, etcd_cluster: null }, [])).toMatchObject({ unrecorded: null })
  })
})
