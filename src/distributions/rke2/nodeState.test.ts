import { describe, expect, it } from 'vitest'
import { compareWithApproved } from '../../engine/plan/comparison.ts'
import type { HostFacts } from './host/facts.ts'
import { host, installedFacts as installed, member, nodeConfig as config } from './observedCluster.fixture.ts'
import type { ObservedCluster } from './observeCluster.ts'
import type { Bootstrap } from '../../clusters/session.ts'
import {
  etcdMember,
  etcdOf,
  machineFacts,
  runningService as running,
  stoppedService as stopped,
} from './machineFacts.fixture.ts'
import { nodeChanges, strangers } from './nodeState.ts'

const hash = (letter: string) => letter.repeat(64)
const wanted = {
  version: 'v1.34.1+rke2r1',
  files: [{ config: hash('a'), parts: {}, registries: null, environment: null }],
  misled: [{ config: hash('d'), parts: {}, registries: null, environment: null }],
  intent: 'intent',
  own: [],
}
const all = { members: new Map([['m1', member]]), etcd: etcdOf('m1') }
const effects = (seen: HostFacts, observed: Partial<Pick<ObservedCluster, 'members' | 'etcd'>> = {}) =>
  nodeChanges(host(seen), wanted, { ...all, ...observed }).map(change => `${change.effect} ${change.target}`)

/** Whoever restarts a node waits for it as well. */
const restart = ['restart node/m1/service', 'create node/m1/membership']

describe('what has to be done to a node', () => {
  it('is nothing when it is a working member', () => {
    expect(effects(installed)).toEqual([])
  })

  it('is everything on a fresh machine', () => {
    expect(effects(machineFacts(), { members: null, etcd: null })).toEqual([
      'create node/m1/config',
      'create node/m1/service',
      'create node/m1/membership',
    ])
  })

  it.each([
    ['/etc/rancher/rke2/slipway/audit-policy.yaml', restart],
    ['/var/lib/rancher/rke2/server/manifests/slipway/a.yaml', []],
  ])('is a file of the user’s own that is not there, with a restart where it is read at a start: %s', (path, then) => {
    const own = [{ path, content: 'x', hmac: hash('c') }]
    const changes = nodeChanges(host(installed), { ...wanted, own }, all)
    expect(changes.map(({ effect, target }) => `${effect} ${target}`)).toEqual([`create node/m1/file${path}`, ...then])
  })

  it('is a restart when the configuration differs and the service is still starting', () => {
    const starting = { ...running, active: 'activating' }
    const changed = {
      ...installed,
      config: [{ ...config, hmac: hash('b') }],
      services: { 'rke2-server': starting, 'rke2-agent': stopped },
    }
    expect(effects(changed)).toEqual(['update node/m1/config', ...restart])
  })

  describe('where it is only told to join another one than wanted', () => {
    const told = { ...installed, config: [{ ...config, hmac: hash('d') }] }

    it('is to tell it anew, without a restart', () => {
      expect(effects(told)).toEqual(['update node/m1/config'])
    })

    it.each<[string, HostFacts, Partial<ObservedCluster>]>([
      ['holds no data', { ...told, data: { ...told.data, etcd_member: false } }, {}],
      ['is not ready', told, { members: new Map([['m1', { ...member, ready: false }]]) }],
      ['votes no more', told, { etcd: etcdOf('m2') }],
    ])('is a restart when it %s', (_why, seen, observed) => {
      expect(effects(seen, observed)).toEqual(['update node/m1/config', ...restart])
    })

    it('is a restart also when one is due already', () => {
      const due = { ...told, services: { ...told.services, 'rke2-server': { ...running, restart_pending: true } } }
      expect(effects(due)).toEqual(['update node/m1/config', ...restart])
    })
  })

  it('is a restart when the configuration differs and the service runs', () => {
    const changed = { ...installed, config: [{ ...config, hmac: hash('b') }] }
    expect(effects(changed)).toEqual(['update node/m1/config', ...restart])
  })

  it('is nothing where files of others say the same, unless something else is to be done as well', () => {
    const adopted = { config: hash('d'), parts: {}, registries: null, environment: null }
    const done = (over: object) =>
      nodeChanges(
        host({ ...installed, config: [{ ...config, hmac: hash('d') }], ...over }),
        { ...wanted, adopted },
        all,
      ).map(({ effect, target }) => `${effect} ${target}`)
    expect(done({})).toEqual([])
    expect(done({ config: [{ ...config, hmac: hash('e') }] })).toEqual(['update node/m1/config', ...restart])
    const services = { 'rke2-server': stopped, 'rke2-agent': stopped }
    // Its Node is still ready: the cluster has not noticed yet, and it has to be waited for all the same.
    expect(done({ services })).toEqual(['update node/m1/config', 'create node/m1/service', 'create node/m1/membership'])
  })

  it('is within what was approved at every moment of a restart that somebody began and did not end', () => {
    const changed = { ...installed, config: [{ ...config, hmac: hash('b') }] }
    const approved = { kind: 'run' as const, reason: '', changes: nodeChanges(host(changed), wanted, all) }
    const silent = { members: null, etcd: null }
    for (const active of ['active', 'deactivating', 'inactive', 'activating'])
      for (const main_pid of [0, 7])
        for (const heard of [all, silent]) {
          const services = { 'rke2-server': { ...running, active, main_pid }, 'rke2-agent': stopped }
          const now = {
            kind: 'run' as const,
            reason: '',
            changes: nodeChanges(host({ ...installed, services }), wanted, heard),
          }
          expect(compareWithApproved(approved, now).kind).not.toBe('beyond')
        }
  })

  it('is a restart when an earlier change has not come to it', () => {
    const pending = { ...running, restart_pending: true }
    const changed = { ...installed, services: { 'rke2-server': pending, 'rke2-agent': stopped } }
    expect(effects(changed)).toEqual(restart)
  })

  it.each([
    ['was lost', { version: null, complete: false }],
    ['is there in part', { complete: false }],
  ])('is a restart when the release %s under what runs, and has to be brought again', (_name, over) => {
    const lost = { ...installed, release: { ...installed.release, ...over } }
    expect(effects(lost)).toEqual(restart)
  })

  it.each(['/etc/rancher/rke2/registries.yaml', '/etc/default/rke2-server'])(
    'is nothing for a %s of somebody else where none is wanted, and to take away our own',
    path => {
      const beside = (marked: boolean) => ({ ...installed, config: [config, { ...config, path, marked }] })
      expect(effects(beside(false))).toEqual([])
      expect(effects(beside(true))).toEqual(['update node/m1/config', ...restart])
    },
  )

  it('is to put ours in the place of somebody else’s file where one is wanted', () => {
    const registries = { ...config, path: '/etc/rancher/rke2/registries.yaml', hmac: hash('e') }
    const files = [{ config: hash('a'), parts: {}, registries: hash('f'), environment: null }]
    const seen = { ...installed, config: [config, registries] }
    const changes = nodeChanges(host(seen), { ...wanted, files }, all)
    expect(changes.map(({ effect, target }) => `${effect} ${target}`)).toEqual(['update node/m1/config', ...restart])
  })

  it.each([
    ['not ready', { members: new Map([['m1', { ...member, ready: false }]]) }],
    ['of another version', { members: new Map([['m1', { ...member, kubelet_version: 'v1.33.5+rke2r1' }]]) }],
    ['a learner', { etcd: { ...etcdOf('m1'), members: [{ ...etcdMember('m1'), learner: true }] } }],
    [
      'dead, whatever the condition of its Node says',
      { etcd: { ...etcdOf('m1'), members: [{ ...etcdMember('m1'), healthy: false }] } },
    ],
    ['not in the list of etcd', { etcd: etcdOf('m2') }],
  ])('is to wait for it when the member is %s', (_name, over) => {
    expect(effects(installed, over)).toEqual(['create node/m1/membership'])
  })
})

describe('a stranger', () => {
  const { ca_hash } = installed.data
  const made: Bootstrap = { state: 'done', machine_id: 'x', joiner_started: true, ca_hash, etcd_cluster: null }
  const found = (seen: HostFacts, bootstrap = made) =>
    strangers([host(seen)], 'i', 'demo', bootstrap).map(({ name, message }) => `${name}: ${message}`)

  it('is a machine with somebody else’s RKE2, however little is left of it', () => {
    expect(found(machineFacts())).toEqual([])
    expect(found(machineFacts({ leftovers: ['process etcd'] }))).toEqual([
      'earlier-install: an earlier Kubernetes lies on it: process etcd',
    ])
    expect(found({ ...installed, fence: null })[0]).toContain('earlier-install')
    const fence = { epoch: 1, number: 1, installation: 'other', cluster: 'demo' }
    expect(found({ ...installed, fence })[0]).toContain('owned-by-another')
    const [foreign] = strangers([host({ ...installed, fence })], 'i', 'demo', made)
    expect(foreign?.remedy).toContain('kubectl delete node m1')
    expect(foreign?.remedy).toContain('as root: rke2-uninstall.sh; rm -r /var/lib/slipway.')
  })

  it('is not a member of the recorded cluster that others have made and nobody has marked', () => {
    const ofOthers = { ...made, machine_id: null }
    expect(found({ ...installed, fence: null }, ofOthers)).toEqual([])
    expect(found({ ...installed, fence: null }, { ...ofOthers, ca_hash: 'another' })[0]).toContain('earlier-install')
    expect(found({ ...installed, fence: null }, { ...ofOthers, ca_hash: null })[0]).toContain('earlier-install')
    const fence = { epoch: 1, number: 1, installation: 'other', cluster: 'demo' }
    expect(found({ ...installed, fence }, ofOthers)[0]).toContain('owned-by-another')
  })

  it('is not our own member whose service is down', () => {
    expect(found({ ...installed, services: { 'rke2-server': stopped, 'rke2-agent': stopped } })).toEqual([])
  })
})
