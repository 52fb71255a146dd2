import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../../hosts/facts.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { ClusterLook, HostLook, ReachedHost } from './look.ts'
import { machineFacts, runningService as running, stoppedService as stopped } from './machineFacts.fixture.ts'
import { nodeChanges, strangers } from './nodeState.ts'
import { bootstrapFindings, guardFindings, restartFindings } from './guards.ts'

const hash = (letter: string) => letter.repeat(64)
const config = {
  path: '/etc/rancher/rke2/config.yaml',
  mode: '0600',
  uid: 0,
  size: 1,
  hmac: hash('a'),
  keys: [],
  server: null,
  marked: false,
}
const installed = machineFacts({
  services: { 'rke2-server': running, 'rke2-agent': stopped },
  release: { version: 'v1.34.1+rke2r1', prefix: '/usr/local', complete: true, rpm: false, cached: [] },
  config: [config],
  data: { ...machineFacts().data, exists: true, etcd_member: true, server: true, agent: true, ca_hash: hash('c') },
  fence: { epoch: 1, number: 1, installation: 'i', cluster: 'demo' },
})
const member = {
  name: 'm1',
  ready: true,
  kubelet_version: 'v1.34.1+rke2r1',
  roles: ['etcd'],
  etcd_voter: true,
  labels: {},
  taints: [],
  unschedulable: false,
  addresses: [],
}
const wanted = {
  version: 'v1.34.1+rke2r1',
  files: [{ config: hash('a'), registries: null, environment: null }],
  intent: 'intent',
}
const node = { hostname: 'm1', internal_ip: '10.0.0.1', role: 'initial_master' as const }
const host = (seen: HostFacts): ReachedHost => ({ node, facts: seen, error: null })
const bootstrap = { state: 'done' as const, machine_id: 'machine-1', joiner_started: false, ca_hash: hash('c') }
const look = (seen: HostFacts, over: Partial<ClusterLook> = {}): ClusterLook => ({
  nodes: [host(seen)],
  servers: [host(seen)],
  members: new Map([['m1', member]]),
  bootstrap,
  installation: 'i',
  ...over,
})
const effects = (seen: HostFacts, members: ClusterLook['members'] = new Map([['m1', member]])) =>
  nodeChanges(host(seen), wanted, { members }).map(change => `${change.effect} ${change.target}`)

describe('what has to be done to a node', () => {
  it('is nothing when it is a working member', () => {
    expect(effects(installed)).toEqual([])
  })

  it('is everything on a fresh machine', () => {
    expect(effects(machineFacts(), null)).toEqual([
      'create node/m1/config',
      'create node/m1/service',
      'create node/m1/membership',
    ])
  })

  it('is a restart when the configuration differs and the service is still starting', () => {
    const starting = { ...running, active: 'activating' }
    const changed = {
      ...installed,
      config: [{ ...config, hmac: hash('b') }],
      services: { 'rke2-server': starting, 'rke2-agent': stopped },
    }
    expect(effects(changed)).toEqual(['update node/m1/config', 'restart node/m1/service'])
  })

  it('is a restart when the configuration differs and the service runs', () => {
    const changed = { ...installed, config: [{ ...config, hmac: hash('b') }] }
    expect(effects(changed)).toEqual(['update node/m1/config', 'restart node/m1/service'])
  })

  it('is a restart when an earlier change has not come to it', () => {
    const pending = { ...running, restart_pending: true }
    const changed = { ...installed, services: { 'rke2-server': pending, 'rke2-agent': stopped } }
    expect(effects(changed)).toEqual(['restart node/m1/service'])
  })

  it.each([
    ['was lost', { version: null, complete: false }],
    ['is there in part', { complete: false }],
  ])('is a restart when the release %s under what runs, and has to be brought again', (_name, over) => {
    const lost = { ...installed, release: { ...installed.release, ...over } }
    expect(effects(lost)).toEqual(['restart node/m1/service'])
  })

  it.each(['/etc/rancher/rke2/registries.yaml', '/etc/default/rke2-server'])(
    'is nothing for a %s of somebody else where none is wanted, and to take away our own',
    path => {
      const beside = (marked: boolean) => ({ ...installed, config: [config, { ...config, path, marked }] })
      expect(effects(beside(false))).toEqual([])
      expect(effects(beside(true))).toEqual(['update node/m1/config', 'restart node/m1/service'])
    },
  )

  it('is to put ours in the place of somebody else’s file where one is wanted', () => {
    const registries = { ...config, path: '/etc/rancher/rke2/registries.yaml', hmac: hash('e') }
    const files = [{ config: hash('a'), registries: hash('f'), environment: null }]
    const seen = { ...installed, config: [config, registries] }
    const changes = nodeChanges(host(seen), { ...wanted, files }, { members: new Map([['m1', member]]) })
    expect(changes.map(({ effect, target }) => `${effect} ${target}`)).toEqual([
      'update node/m1/config',
      'restart node/m1/service',
    ])
  })

  it.each([
    ['not ready', { ready: false }],
    ['no voter', { etcd_voter: false }],
    ['of another version', { kubelet_version: 'v1.33.5+rke2r1' }],
  ])('is to wait for it when the member is %s', (_name, over) => {
    expect(effects(installed, new Map([['m1', { ...member, ...over }]]))).toEqual(['create node/m1/membership'])
  })
})

describe('a stranger', () => {
  const found = (seen: HostFacts) =>
    strangers([host(seen)], 'i', 'demo').map(({ name, message }) => `${name}: ${message}`)

  it('is a machine with somebody else’s RKE2, however little is left of it', () => {
    expect(found(machineFacts())).toEqual([])
    expect(found(machineFacts({ leftovers: ['process etcd'] }))).toEqual([
      'earlier-install: an earlier Kubernetes lies on it: process etcd',
    ])
    expect(found({ ...installed, fence: null })[0]).toContain('earlier-install')
    const fence = { epoch: 1, number: 1, installation: 'other', cluster: 'demo' }
    expect(found({ ...installed, fence })[0]).toContain('owned-by-another')
  })

  it('is not our own member whose service is down', () => {
    expect(found({ ...installed, services: { 'rke2-server': stopped, 'rke2-agent': stopped } })).toEqual([])
  })
})

describe('the right to make the cluster', () => {
  const names = (seen: HostFacts, state: Partial<ClusterLook['bootstrap']>) =>
    bootstrapFindings(look(seen, { bootstrap: { ...bootstrap, ...state } })).map(finding => finding.name)
  const claimed = { state: 'claimed' as const, ca_hash: null }

  it('is free on a fresh machine while nobody has claimed it', () => {
    expect(names(machineFacts(), { state: 'unused', machine_id: null, ca_hash: null })).toEqual([])
  })
  it('stays with the machine that claimed it', () => {
    expect(names(machineFacts(), claimed)).toEqual([])
    expect(names(machineFacts({ machine_id: 'other' }), claimed)).toEqual(['bootstrap-spent'])
  })
  it('can be taken over where the machine that claimed it is lost and nobody has joined it', () => {
    const seen = look(machineFacts({ machine_id: 'other' }), { bootstrap: { ...bootstrap, ...claimed } })
    expect(bootstrapFindings(seen)).toMatchObject([
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
    const other: ReachedHost = { node: { ...node, hostname: 'm2', role: 'master' }, facts: installed, error: null }
    const unused = { state: 'unused' as const, machine_id: null, joiner_started: false, ca_hash: null }
    const seen = look(machineFacts(), { bootstrap: unused, servers: [host(machineFacts()), other] })
    expect(bootstrapFindings(seen).map(finding => finding.name)).toEqual(['bootstrap-spent'])
  })
  it('is no question for a server that has its data', () => {
    expect(names(installed, {})).toEqual([])
  })
})

describe('guards of a cluster that exists', () => {
  const names = (seen: HostFacts, over: Partial<ClusterLook> = {}) =>
    guardFindings(look(seen, over), { cluster: { name: 'demo', distribution: 'rke2', version: 'v1.34.1+rke2r1' } }).map(
      finding => finding.name,
    )

  it('let a working member pass', () => {
    expect(names(installed)).toEqual([])
  })
  it('refuse data of another cluster', () => {
    expect(names({ ...installed, data: { ...installed.data, ca_hash: hash('d') } })).toEqual(['foreign-data'])
  })
  it('refuse a member whose disk is gone', () => {
    expect(names(machineFacts())).toEqual(['member-without-data'])
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
  it('refuse to turn an agent into a server', () => {
    expect(names({ ...installed, services: { 'rke2-server': stopped, 'rke2-agent': running } })).toEqual([
      'role-differs',
    ])
  })
})

describe('a restart', () => {
  const restart = [{ effect: 'restart' as const, target: 'node/m1/service/rke2-server', summary: 'restart' }]
  const voters = (...ready: boolean[]) =>
    new Map(ready.map((up, index) => [`m${index + 1}`, { ...member, name: `m${index + 1}`, ready: up }]))
  const found = (ready: boolean[], accepted: string[] = []) => named({ members: voters(...ready) }, accepted)
  const named = (over: Partial<ClusterLook>, accepted: string[] = []) =>
    restartFindings({ accepted }, node, restart, look(installed, over)).map(
      finding => `${finding.severity} ${finding.name}`,
    )
  /** As seen when no API answers; the last `unseen` of them can't even be reached. */
  const silent = (members: number, unseen: number) => {
    const error = new SlipwayError('host-unreachable', 'no answer')
    const servers = Array.from(
      { length: members },
      (_, index): HostLook => (index < members - unseen ? host(installed) : { node, facts: null, error }),
    )
    return { members: null, servers: [...servers, host(machineFacts())] }
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
  it('of the only server is an interruption, to be accepted by name', () => {
    expect(found([true])).toEqual(['warning interruption'])
    expect(found([true], ['interruption'])).toEqual([])
  })
})
