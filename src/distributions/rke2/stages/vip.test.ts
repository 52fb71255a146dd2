import { describe, expect, it } from 'vitest'
import type { HostFacts } from '../host/facts.ts'
import { runningService, serverFacts } from '../machineFacts.fixture.ts'
import { argumentsOfStage, type HostAnswers, stageBench } from '../stageBench.fixture.ts'
import type { NodesPlay } from '../session.ts'
import { wantedVipFiles } from '../vip/wanted.ts'
import { vip } from './vip.ts'
import { stageArguments } from '../arguments.ts'

const address = '10.0.0.100'
const first = argumentsOfStage('rke2/vip', 3, 1, { vip: { address } })
/** All three servers, as those that are members have it. */
const all = stageArguments.parse({ ...first, nodes: first.servers })
const names = first.servers.map(({ hostname }) => hostname)

interface State {
  /** Servers on which all is as it should be. */
  readonly placed?: readonly string[]
  /** Who has the VIP. */
  readonly holding?: readonly string[]
  readonly over?: (hostname: string, facts: HostFacts) => Partial<HostFacts>
}

function factsOf(hostname: string, { placed = [], holding = [], over }: State): HostFacts {
  const node = first.servers.find(server => server.hostname === hostname)
  const own = node?.internal_ip ?? '10.1.0.0'
  const bare: HostFacts = {
    ...serverFacts(hostname, ...names.filter(name => name !== hostname)),
    interfaces: [{ interface: 'eth0', address: own, prefix: 16 }],
    addresses: [own, ...(holding.includes(hostname) ? [address] : [])],
    fence: { epoch: 1, number: 1, installation: 'i', cluster: 'demo' },
  }
  const keys = { hashKey: '00'.repeat(32), password: 'password' }
  const there = { ...bare, vip: { ...bare.vip, keepalived: '/usr/sbin/keepalived' } }
  const files = node ? (wantedVipFiles(first, node, there, keys) ?? []) : []
  const facts: HostFacts = placed.includes(hostname)
    ? {
        ...there,
        vip: {
          ...there.vip,
          files: files.map(({ path, mode, hmac }) => ({ path, mode, hmac, ours: true })),
          service: runningService,
        },
      }
    : bare
  return { ...facts, ...over?.(hostname, facts) }
}

async function look(stage: typeof first, state: State, answers: HostAnswers = {}) {
  const played: string[] = []
  const bench = stageBench({
    observe: hostname => factsOf(hostname, state),
    nodes: first.servers,
    play: async ({ nodes, hosts }: NodesPlay) => {
      played.push(...nodes.map(({ hostname }) => `${hostname}${hosts[hostname]?.['rke2_vip_restart'] ? ' anew' : ''}`))
      return nodes.map(({ hostname }) => ({ host: hostname, outcome: 'changed' as const, recap: null, error: null }))
    },
    ...answers,
  })
  const bound = vip(stage, bench.session)
  const observed = await bound.observe(bench.attempt)
  const decision = bound.shouldRun(observed)
  const changes = decision.kind === 'run' ? decision.changes : []
  return {
    bench,
    bound,
    observed,
    played,
    decision,
    findings: bound.checkPrerequisites(observed),
    changes: changes.map(({ effect, target }) => `${effect} ${target}`),
    execute: () => bound.execute({ ...bench.attempt, changes }, observed),
  }
}

describe('a server that is to hold the VIP', () => {
  it('gets keepalived, its files and its service', async () => {
    const { changes, findings } = await look(first, {})
    expect(findings).toEqual([])
    expect(changes).toEqual([
      'create node/m1/keepalived',
      'create node/m1/vip',
      'create node/m1/vip-service',
      'update cluster/vip',
    ])
  })

  it('has nothing to do where all is right and one server holds the VIP', async () => {
    const { decision } = await look(all, { placed: names, holding: ['m2'] })
    expect(decision).toMatchObject({ kind: 'skip' })
  })

  it.each<[string, State['over'], readonly string[]]>([
    [
      'a file was edited',
      (_name, { vip: had }) => ({
        vip: {
          ...had,
          files: had.files.map(file => ({ ...file, hmac: file.path.endsWith('.conf') ? '0'.repeat(64) : file.hmac })),
        },
      }),
      ['update node/m2/vip'],
    ],
    [
      'a file may be read by everybody',
      (_name, { vip: had }) => ({ vip: { ...had, files: had.files.map(file => ({ ...file, mode: '0777' })) } }),
      ['update node/m2/vip'],
    ],
    [
      'its service was stopped',
      (_name, { vip: had }) => ({ vip: { ...had, service: { ...had.service, active: 'inactive' } } }),
      ['create node/m2/vip-service'],
    ],
    [
      'its service would not start at a boot',
      (_name, { vip: had }) => ({ vip: { ...had, service: { ...had.service, enabled: false } } }),
      ['create node/m2/vip-service'],
    ],
    [
      'a crash came before the service has read its files',
      (_name, { vip: had }) => ({ vip: { ...had, pending: true } }),
      ['update node/m2/vip'],
    ],
    [
      'keepalived was removed',
      (_name, { vip: had }) => ({ vip: { ...had, keepalived: null } }),
      ['create node/m2/keepalived'],
    ],
  ])('is repaired where %s', async (_what, over, expected) => {
    const { changes } = await look(all, {
      placed: names,
      holding: ['m1'],
      over: (name, facts) => (name === 'm2' ? (over?.(name, facts) ?? {}) : {}),
    })
    expect(changes).toEqual([...expected, 'update cluster/vip'])
  })

  it('learns of a new one before that one starts', async () => {
    const outdated = (name: string, { vip: had }: HostFacts) =>
      name === 'm1' ? {} : { vip: { ...had, files: had.files.map(file => ({ ...file, hmac: '0'.repeat(64) })) } }
    const { played, execute } = await look(all, { placed: ['m2', 'm3'], holding: ['m3'], over: outdated })
    await execute()
    expect(played).toEqual(['m2', 'm3', 'm1'])
  })

  it('does not start where it hears nothing of the one that holds the VIP', async () => {
    const { played, execute } = await look(all, { placed: ['m1'], holding: ['m1'] }, { hears: () => false })
    await expect(execute()).rejects.toMatchObject({
      code: 'vrrp-blocked',
      message: expect.stringContaining('both would hold it'),
      remedy: expect.stringContaining('protocol 112'),
    })
    expect(played).toEqual([])
  })
})

describe('who holds the VIP', () => {
  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    ['nobody', [], ['update cluster/vip'], ['m1 anew', 'm2 anew', 'm3 anew']],
    ['two', ['m1', 'm3'], ['update cluster/vip'], ['m3 anew']],
  ])('is put right: %s', async (_what, holding, expected, played) => {
    const seen = await look(all, { placed: names, holding })
    expect(seen.changes).toEqual(expected)
    await seen.execute()
    expect(seen.played).toEqual(played)
  })

  it('is not judged while a server cannot be seen, or one that leaves may hold it', async () => {
    const lost = await look(
      all,
      { placed: names },
      {
        observe: hostname =>
          hostname === 'm3' ? Promise.reject(new Error('gone')) : factsOf(hostname, { placed: names }),
      },
    )
    expect(lost.changes).toEqual([])
    const others = await look(all, { placed: names }, { nodes: first.servers, leaving: ['m4'] })
    expect(others.changes).toEqual([])
  })
})

describe('what stands in the way', () => {
  const found = async (state: State, answers: HostAnswers = {}, stage = first) =>
    (await look(stage, state, answers)).findings.map(({ name, about }) => `${about}: ${name}`)

  it('is somebody on the network who answers for the address', async () => {
    expect(await found({}, { neighbour: name => (name === 'm1' ? '02:00:00:00:00:01' : null) })).toEqual([
      'spec.vip.address: vip-taken',
    ])
    // Of our own server nobody asks.
    expect(await found({ placed: names, holding: ['m2'] }, { neighbour: () => '02:00:00:00:00:01' })).toEqual([])
  })

  it('is not a server of ours that has taken it since the servers were looked at', async () => {
    let looks = 0
    const observe = (hostname: string) => {
      const holding = hostname === 'm2' && looks++ > 0 ? ['m2'] : []
      return factsOf(hostname, { placed: names, holding })
    }
    expect(await found({}, { observe, neighbour: () => '02:00:00:00:00:02' })).toEqual([])
  })

  it('is a server that has the address from elsewhere', async () => {
    expect(await found({ holding: ['m2'] })).toEqual(['node m2: vip-taken'])
  })

  it('is keepalived that cannot be had, where it is not there', async () => {
    expect(await found({}, { installs: () => 'apt has no source of packages' })).toEqual([
      'node m1: keepalived-missing',
    ])
    expect(await found({ placed: ['m1'], holding: ['m1'] }, { installs: () => 'none' })).toEqual([])
  })

  it('is an interface that is not there, and an address outside of its network unless that is accepted', async () => {
    const named = argumentsOfStage('rke2/vip', 1, 0, { vip: { address, interface: 'eth7' } })
    expect(await found({}, {}, named)).toEqual(['node m1: vip-interface'])
    expect(await found({ over: () => ({ interfaces: null }) })).toEqual(['node m1: vip-interface'])
    const outside = argumentsOfStage('rke2/vip', 1, 0, { vip: { address: '192.168.5.5' } })
    expect(await found({}, {}, outside)).toEqual(['node m1: vip-outside'])
    expect(await found({}, {}, { ...outside, accepted: ['vip-outside'] })).toEqual([])
  })

  it('is a static pod of kube-vip that is somebody else’s', async () => {
    const pods = argumentsOfStage('rke2/vip', 1, 0, { vip: { address, provider: 'kube-vip' } })
    const path = '/var/lib/rancher/rke2/agent/pod-manifests/kube-vip.yaml'
    const over = (_name: string, { vip: had }: HostFacts) => ({
      vip: { ...had, files: [{ path, mode: '0600', hmac: 'a'.repeat(64), ours: false }] },
    })
    expect(await found({ over }, {}, pods)).toEqual(['node m1: vip-file-taken'])
  })
})

describe('the end', () => {
  it('is that the cluster answers at the VIP, asked from another machine', async () => {
    const { bound, bench } = await look(first, {})
    await bound.waitForReady(bench.attempt, null)
    expect(bench.progress).toEqual([expect.stringContaining(`answers at ${address} (9345 and 6443, asked from m2)`)])
  })

  it('is a failure where nobody serves there', async () => {
    const { bound, bench } = await look(first, {}, { throughVip: () => 'timed out' })
    await expect(bound.waitForReady(bench.attempt, null)).rejects.toMatchObject({
      code: 'vip-unanswered',
      message: `nobody serves at ${address}, asked from m2: 9345: timed out`,
    })
  })

  it('is a failure where another cluster answers', async () => {
    const { bound, bench } = await look(first, {}, { bootstrap: { ca_hash: 'f'.repeat(64) } })
    await expect(bound.waitForReady(bench.attempt, null)).rejects.toMatchObject({ code: 'wrong-cluster' })
  })
})
