import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import type { EtcdFacts } from '../etcdFacts.ts'
import type { HostFacts } from './host/facts.ts'
import {
  bootstrapRecord as bootstrap,
  host,
  installedFacts as installed,
  observedCluster,
  member,
  server,
} from './observedCluster.fixture.ts'
import { bootstrapFindings, guardFindings, restartFindings } from './guards.ts'
import type { ObservedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import {
  etcdMember,
  etcdOf,
  machineFacts,
  runningService as running,
  stoppedService as stopped,
} from './machineFacts.fixture.ts'

const hash = (letter: string) => letter.repeat(64)
const silentCluster = { authority: null, members: null, etcd: null }

describe('the right to make the cluster', () => {
  const names = (seen: HostFacts, state: Partial<ObservedCluster['bootstrap']>) =>
    bootstrapFindings(observedCluster(seen, { bootstrap: { ...bootstrap, ...state }, ...silentCluster }), 'demo').map(
      finding => finding.name,
    )
  const claimed = { state: 'claimed' as const, ca_hash: null }

  it('is free on a fresh machine while nobody has claimed it', () => {
    expect(names(machineFacts(), { state: 'unused', machine_id: null, ca_hash: null })).toEqual([])
  })
  it('stays with the machine that claimed it', () => {
    expect(names(machineFacts(), claimed)).toEqual([])
    expect(names(machineFacts({ machine_id: 'other' }), claimed)).toEqual(['bootstrap-spent'])
  })
  it('can be taken over where the machine that claimed it is lost and nobody has joined it', () => {
    const seen = observedCluster(machineFacts({ machine_id: 'other' }), {
      bootstrap: { ...bootstrap, ...claimed },
      ...silentCluster,
    })
    expect(bootstrapFindings(seen, 'demo')).toMatchObject([
      { remedy: expect.stringContaining('write machine-1 into /etc/machine-id') },
    ])
  })
  it('is gone once a joiner was started, on an empty disk', () => {
    expect(names(machineFacts(), { ...claimed, joiner_started: true })).toEqual(['bootstrap-spent'])
  })
  it('is gone once the cluster was made, on an empty disk', () => {
    expect(names(machineFacts(), {})).toEqual(['bootstrap-spent'])
  })
  it('is gone where another server holds a cluster, whatever a record that was put back says', () => {
    const other = host(installed, server('m2', 2))
    const unused = {
      state: 'unused' as const,
      machine_id: null,
      joiner_started: false,
      ca_hash: null,
      etcd_cluster: null,
    }
    const seen = observedCluster(machineFacts(), { bootstrap: unused, servers: [host(machineFacts()), other] })
    expect(bootstrapFindings(seen, 'demo').map(finding => finding.name)).toEqual(['bootstrap-spent'])
  })
  it('is no question where the cluster answers, which the host can join: it is made by nobody', () => {
    const seen = observedCluster(machineFacts(), {
      authority: server('m2', 2),
      members: new Map(),
      etcd: etcdOf('m2', 'm3'),
    })
    expect(bootstrapFindings(seen, 'demo')).toEqual([])
  })
  it('is no question for a server that has its data', () => {
    expect(names(installed, {})).toEqual([])
  })
})

describe('guards of a cluster that exists', () => {
  const names = (seen: HostFacts, over: Partial<ObservedCluster> = {}) =>
    guardFindings(observedCluster(seen, over), {
      accepted: [],
      cluster: { name: 'demo', distribution: 'rke2', version: 'v1.34.1+rke2r1' },
    }).map(finding => finding.name)

  it('let a working member pass', () => {
    expect(names(installed)).toEqual([])
  })
  it('refuse data of another cluster', () => {
    expect(names({ ...installed, data: { ...installed.data, ca_hash: hash('d') } })).toEqual(['foreign-data'])
  })
  it('refuse a member whose disk is gone', () => {
    const dead = { ...etcdOf('m1'), members: [{ ...etcdMember('m1'), healthy: false }] }
    expect(names(machineFacts(), { etcd: dead })).toEqual(['member-without-data'])
  })
  it('refuse to change the version of what runs', () => {
    expect(names({ ...installed, release: { ...installed.release, version: 'v1.33.5+rke2r1' } })).toEqual([
      'version-differs',
    ])
  })
  it('refuse it also while the service is stopped', () => {
    const halted = { ...installed, services: { 'rke2-server': stopped, 'rke2-agent': stopped } }
    expect(names({ ...halted, release: { ...installed.release, version: 'v1.33.5+rke2r1' } })).toEqual([
      'version-differs',
    ])
  })
  it('let an agent have the patch of its servers again, whoever has given it another one, and no other minor version', () => {
    const worker = { ...server('w1', 9), role: 'worker' as const }
    const agent = (version: string, servers: string) => {
      const facts = machineFacts({
        release: { ...installed.release, version },
        data: { ...installed.data, etcd_member: false, etcd_name: null, server: false },
      })
      const others = [host({ ...installed, release: { ...installed.release, version: servers } })]
      const members = new Map([['w1', { ...member, name: 'w1' }]])
      return names(facts, { nodes: [host(facts, worker)], servers: others, members })
    }
    expect(agent('v1.34.2+rke2r1', 'v1.34.1+rke2r1')).toEqual([])
    expect(agent('v1.33.5+rke2r1', 'v1.34.1+rke2r1')).toEqual(['version-differs'])
    expect(agent('v1.34.2+rke2r1', 'v1.34.2+rke2r1')).toEqual(['version-differs'])
  })
  it('refuse to turn an agent into a server, also one that others have set up', () => {
    const agent = { ...installed, services: { 'rke2-server': stopped, 'rke2-agent': running } }
    expect(names(agent)).toEqual(['role-differs'])
    const unmarked = { ...agent, fence: null }
    expect(names(unmarked, { bootstrap: { ...bootstrap, machine_id: null } })).toEqual(['role-differs'])
    // Whose it is then, somebody else says.
    expect(names(unmarked)).not.toContain('role-differs')
  })
  it('refuse to turn a server into an agent, also while its service is off', () => {
    const agent = {
      nodes: [
        host(
          { ...installed, services: { 'rke2-server': stopped, 'rke2-agent': stopped } },
          { ...server('m1'), role: 'worker' as const },
        ),
      ],
    }
    expect(names(installed, agent)).toEqual(['role-differs'])
  })
})

describe('a restart', () => {
  const restart = [{ effect: 'restart' as const, target: 'node/m1/service/rke2-server', summary: 'restart' }]
  const voters = (...healthy: boolean[]): EtcdFacts => ({
    ...etcdOf('m1'),
    members: healthy.map((up, index) => ({ ...etcdMember(`m${index + 1}`), healthy: up })),
  })
  const found = (healthy: boolean[], accepted: string[] = []) => named({ etcd: voters(...healthy) }, accepted)
  const named = (over: Partial<ObservedCluster>, accepted: string[] = []) =>
    restartFindings({ accepted }, server('m1'), restart, observedCluster(installed, over)).map(
      finding => `${finding.severity} ${finding.name}`,
    )
  /** As seen when no API answers; the last `unseen` of them can't even be reached. */
  const silent = (members: number, unseen: number) => {
    const error = new SlipwayError('host-unreachable', 'no answer')
    const servers = Array.from(
      { length: members },
      (_, index): ObservedHost =>
        index < members - unseen ? host(installed) : { node: server('m1'), facts: null, error },
    )
    return { ...silentCluster, servers: [...servers, host(machineFacts())] }
  }

  it('passes while the others keep the majority', () => {
    expect(found([true, true, true])).toEqual([])
  })
  it('is refused while another voter is down, whatever is accepted', () => {
    expect(found([true, true, false], ['interruption', 'quorum-at-risk'])).toEqual(['error quorum-at-risk'])
  })
  it.each([0, 1, 2])('is refused when no API answers for three members, %i of them unreachable', unseen => {
    expect(named(silent(3, unseen), ['interruption'])).toEqual(['error quorum-unknown'])
  })
  it.each([1, 2])(
    'can be accepted when no API answers and there are %i members: it may bring the API back',
    members => {
      expect(named(silent(members, 0))).toEqual(['warning interruption'])
      expect(named(silent(members, 0), ['interruption'])).toEqual([])
    },
  )
  it.each(['unused', 'claimed'] as const)('costs nothing while the right to make the cluster is %s', state => {
    expect(named({ ...silent(1, 0), bootstrap: { ...bootstrap, state } })).toEqual([])
  })
  it('counts members that are dead, learners, or without a Node by the list of etcd alone', () => {
    const nodes = (names: readonly string[], etcd_voter: boolean) =>
      new Map(names.map(name => [name, { ...member, name, etcd_voter }]))
    const chance = fc.record({ healthy: fc.boolean(), learner: fc.boolean(), hasNode: fc.boolean() })
    fc.assert(
      fc.property(fc.array(chance, { maxLength: 6 }), fc.boolean(), (others, condition) => {
        const list = others.map((other, index) => ({ ...etcdMember(`m${index + 2}`), ...other }))
        const withNode = list.filter(({ hasNode }) => hasNode).map(({ name }) => name.slice(0, 2))
        const etcd = { ...etcdOf('m1'), members: [etcdMember('m1'), ...list] }
        const all = 1 + list.filter(({ learner }) => !learner).length
        const up = list.filter(({ healthy, learner }) => healthy && !learner).length
        const keeps = up > all / 2
        const expected = keeps ? [] : [all <= 2 ? 'warning interruption' : 'error quorum-at-risk']
        expect(named({ etcd, members: nodes(['m1', ...withNode], condition) })).toEqual(expected)
      }),
    )
  })
  it('is refused where a server answers, but not for etcd', () => {
    const servers = [1, 2, 3].map(index => host(installed, server(`m${index}`, index)))
    expect(named({ etcd: null, servers })).toEqual(['error quorum-unknown'])
  })
  it('of the only server is an interruption, to be accepted by name', () => {
    expect(found([true])).toEqual(['warning interruption'])
    expect(found([true], ['interruption'])).toEqual([])
  })
})
