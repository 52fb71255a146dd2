import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import type { HostFacts } from './host/facts.ts'
import { bootstrapRecord, host, installedFacts, observedCluster, member, server } from './observedCluster.fixture.ts'
import { guardFindings } from './guards.ts'
import type { ObservedHost, ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { etcdMember, etcdOf, machineFacts } from './machineFacts.fixture.ts'
import { identityOf } from './recordedIdentity.ts'

/** The operator has rotated the cluster's CA: all servers have another one than the recorded one. */

const [old, rotated, foreign] = ['c', 'd', 'f'].map(letter => letter.repeat(64))
const all = ['m1', 'm2', 'm3']

/** A server of the recorded etcd under some CA. */
const under = (hostname: string, ca = rotated, over: Partial<HostFacts> = {}): ReachedHost =>
  host(
    {
      ...installedFacts,
      hostname,
      data: { ...installedFacts.data, etcd_name: `${hostname}-0a0a0a0a`, ca_hash: ca ?? null },
      cluster: {
        ready: true,
        error: null,
        nodes: [],
        etcd: etcdOf(hostname, ...all.filter(name => name !== hostname)),
      },
      ...over,
    },
    server(hostname, Number(hostname.slice(1))),
  )
const servers = all.map(name => under(name))
const [m1, m2, m3] = servers
const answering = (etcd: ReturnType<typeof etcdOf> | null) => ({
  cluster: { ready: true, error: null, nodes: [], etcd },
})
const off = (hostname: string): ObservedHost => ({
  node: server(hostname, Number(hostname.slice(1))),
  facts: null,
  error: new SlipwayError('host-unreachable', 'off'),
})

const seen = (hosts: readonly ObservedHost[], accepted: readonly string[] = [], over: Partial<ObservedCluster> = {}) =>
  observedCluster(installedFacts, {
    nodes: hosts,
    servers: hosts,
    authority: null,
    members: null,
    etcd: null,
    ...identityOf(hosts, bootstrapRecord, accepted),
    ...over,
  })
const cluster = { name: 'demo', distribution: 'rke2', version: 'v1.34.1+rke2r1' } as const
const findings = (
  hosts: readonly ObservedHost[],
  accepted: readonly string[] = [],
  over: Partial<ObservedCluster> = {},
) => guardFindings(seen(hosts, accepted, over), { cluster, accepted: [...accepted] })
const present = (...hosts: (ObservedHost | undefined)[]): ObservedHost[] => hosts.flatMap(each => each ?? [])

describe('a CA that was rotated', () => {
  it('is a warning on each server, which is accepted by its name', () => {
    expect(findings(servers).map(({ severity, name, about }) => `${severity} ${name} ${about}`)).toEqual(
      all.map(name => `warning ca-rotated node ${name}`),
    )
    expect(findings(servers)[0]?.remedy).toContain('--accept ca-rotated')
    expect(findings(servers, ['ca-rotated'])).toEqual([])
  })

  it('is gone by from then on, and nothing else of the record is another', () => {
    expect(identityOf(servers, bootstrapRecord, ['ca-rotated'])).toEqual({
      bootstrap: { ...bootstrapRecord, ca_hash: rotated },
      unrecorded: null,
      unrecorded_ca: rotated,
      restored: null,
      rotated: null,
    })
    expect(identityOf(servers, bootstrapRecord, []).bootstrap).toEqual(bootstrapRecord)
  })

  it.each([
    ['one server is alone', [under('m1', rotated, answering(etcdOf('m1')))]],
    ['one has lost its data, and is told of elsewhere', present(m1, m2, host(machineFacts(), server('m3', 3)))],
  ])('is proven where %s', (_name, hosts) => {
    expect(identityOf(hosts, bootstrapRecord, []).rotated).toBe(rotated)
  })

  it('is proven without a server that was left out by name, and not without one that was not', () => {
    const hosts = present(m1, m2, off('m3'))
    expect(identityOf(hosts, bootstrapRecord, ['unreachable:m3']).rotated).toBe(rotated)
    expect(identityOf(hosts, bootstrapRecord, ['ca-rotated'])).toMatchObject({ rotated: null, unrecorded_ca: null })
  })
})

describe('what a rotated CA does not excuse', () => {
  const stranger = { ...etcdOf('m1', 'm2', 'm3'), members: [...all, 'x9'].map(etcdMember) }
  it.each([
    ['another etcd', present(under('m1', rotated, answering({ ...etcdOf(...tuple(all)), cluster_id: 'bad' })))],
    ['an etcd that one of them does not know', present(m1, m2, under('m3', rotated, answering(etcdOf('m3'))))],
    ['a member that the file does not know', present(under('m1', rotated, answering(stranger)), m2, m3)],
    ['a server that says nothing of its etcd', present(m1, m2, under('m3', rotated, answering(null)))],
    ['a server with the earlier CA', present(m1, m2, under('m3', old))],
    ['a server with a third one', present(m1, m2, under('m3', foreign))],
    [
      'data that is not that of the member',
      present(m1, m2, under('m3', rotated, { data: { ...under('m3').facts.data, etcd_name: 'm3-ffffffff' } })),
    ],
  ])('is %s', (_name, hosts) => {
    const found = findings(hosts, ['ca-rotated'])
    expect(identityOf(hosts, bootstrapRecord, ['ca-rotated'])).toMatchObject({ rotated: null, unrecorded_ca: null })
    expect(found.length).toBeGreaterThan(0)
    expect(new Set(found.map(({ severity, name }) => `${severity} ${name}`))).toEqual(new Set(['error foreign-data']))
  })

  it('nor is it one where the etcd of the cluster is not on record', () => {
    expect(identityOf(servers, { ...bootstrapRecord, etcd_cluster: null }, ['ca-rotated'])).toMatchObject({
      rotated: null,
      unrecorded_ca: null,
    })
  })

  it.each([
    ['some servers have not been restarted', present(m1, m2, under('m3', old)), 'restart rke2-server on m1, m3, one'],
    ['one is silent', present(m1, m2, under('m3', rotated, answering(null))), 'let rke2-server answer on m3'],
    ['one cannot be asked', present(m1, m2, off('m3')), 'leave out what is lost: --accept unreachable:m3'],
  ])('where %s the way there is told, and nothing is to be deleted', (_name, hosts, words) => {
    const [found] = findings(hosts)
    expect(found?.remedy).toContain(words)
    expect(found?.remedy).toContain('/var/lib/rancher/rke2/server/tls/server-ca.crt')
    expect(found?.remedy).not.toMatch(/uninstall|rm -r/)
  })
})

describe('an agent that has not heard of the new CA', () => {
  const agent = { ...server('w1', 9), role: 'worker' as const }
  const data = { ...machineFacts().data, exists: true, agent: true, ca_hash: old ?? null }
  const facts = machineFacts({ hostname: 'w1', data, fence: installedFacts.fence })
  const recorded = { bootstrap: { ...bootstrapRecord, ca_hash: rotated ?? null } }
  const known = { ...recorded, members: new Map([['w1', { ...member, name: 'w1' }]]) }
  const found = (over: Partial<ObservedCluster>, accepted: readonly string[] = [], at = facts) =>
    findings([host(at, agent)], accepted, over).map(({ name }) => name)

  it('is told of it where that was accepted, also in a later plan', () => {
    expect(found(known)).toEqual(['ca-rotated'])
    expect(found(known, ['ca-rotated'])).toEqual([])
  })

  it('is one of the cluster, and one of ours; any other one keeps its data to itself', () => {
    expect(found({ ...known, members: new Map() }, ['ca-rotated'])).toEqual(['foreign-data'])
    expect(found(known, ['ca-rotated'], { ...facts, fence: null })).toEqual(['foreign-data'])
    const another = { epoch: 1, number: 1, installation: 'another', cluster: 'demo' }
    expect(found(known, ['ca-rotated'], { ...facts, fence: another })).toEqual(['foreign-data'])
  })

  it('is as it should be as long as the new one is not on record', () => {
    expect(found({ bootstrap: bootstrapRecord, rotated: rotated ?? null })).toEqual([])
  })

  it('that was restarted before is warned of with the servers', () => {
    const at = { ...facts, data: { ...data, ca_hash: rotated ?? null } }
    expect(found({ bootstrap: bootstrapRecord, rotated: rotated ?? null }, [], at)).toEqual(['ca-rotated'])
  })
})

function tuple([first = '', ...rest]: readonly string[]): [string, ...string[]] {
  return [first, ...rest]
}
