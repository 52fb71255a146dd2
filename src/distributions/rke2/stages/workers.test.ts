import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SlipwayError } from '../../../domain/errors.ts'
import { machineFacts, runningService, serverFacts, stoppedService } from '../machineFacts.fixture.ts'
import { argumentsOfStage, stageBench } from '../stageBench.fixture.ts'
import { workers } from './workers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const stage = argumentsOfStage('rke2/workers:w1', 1, 50)
const isNumbered = (from: number, to: number) => (host: string) => {
  const number = Number(host.slice(1))
  return number >= from && number <= to
}
const hangs = { service: isNumbered(1, 20), node: isNumbered(21, 40) }
const open = () => stageBench({ service: host => !hangs.service(host), node: host => !hangs.node(host) })

/** Hosts by what was put on record of them. */
const recorded = (bench: ReturnType<typeof open>, event: string) =>
  bench.changes.flatMap(change => (change.type === 'node' && change.event === event ? [change.hostname] : []))
const hosts = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `w${from + index}`)

it('agents that hang do not hide those that are ready, and each is told of in the time of one', async () => {
  const bench = open()
  const waiting = bench.of(workers(stage, bench.session)).waitForReady(bench.attempt, null)
  waiting.catch(() => {})
  await vi.advanceTimersByTimeAsync(90_000)
  expect(recorded(bench, 'ready').toSorted()).toEqual(hosts(41, 50))
  expect(recorded(bench, 'fail')).toEqual([])
  await vi.advanceTimersByTimeAsync(530_000)
  await expect(waiting).rejects.toMatchObject({ code: 'stage-timeout' })
  expect(recorded(bench, 'fail').toSorted()).toEqual(hosts(1, 40).toSorted())
  expect(bench.counts.most).toBeLessThanOrEqual(8)
})

it('an agent that has come under another CA is not taken into use, and the others are', async () => {
  const bench = stageBench({ foreign: host => host === 'w7' })
  const waiting = bench.of(workers(stage, bench.session)).waitForReady(bench.attempt, null)
  waiting.catch(() => {})
  await vi.advanceTimersByTimeAsync(90_000)
  await expect(waiting).rejects.toMatchObject({ code: 'wrong-cluster', message: expect.stringContaining('w7') })
  expect(recorded(bench, 'fail')).toEqual(['w7'])
  expect(recorded(bench, 'ready')).toHaveLength(49)
})

it('asks no server that is of another cluster itself', async () => {
  const bench = stageBench({ bootstrap: { ca_hash: 'f'.repeat(64) } })
  const waiting = bench.of(workers(stage, bench.session)).waitForReady(bench.attempt, null)
  waiting.catch(() => {})
  await vi.advanceTimersByTimeAsync(90_000)
  await expect(waiting).rejects.toMatchObject({
    code: 'service-failed',
    message: expect.stringContaining('no server answers that is of the recorded cluster'),
  })
  expect(recorded(bench, 'ready')).toEqual([])
})

it('says once what a hanging node lacks, however often it is asked', async () => {
  const bench = open()
  bench
    .of(workers(stage, bench.session))
    .waitForReady(bench.attempt, null)
    .catch(() => {})
  await vi.advanceTimersByTimeAsync(620_000)
  expect(bench.progress.filter(line => line.startsWith('w30: '))).toEqual(['w30: w30: waiting for condition Ready'])
})

it('leaves those open whose end nobody saw when the stage was stopped', async () => {
  const bench = open()
  const bound = bench.of(workers(stage, bench.session))
  const waiting = bound.waitForReady(bench.attempt, null)
  waiting.catch(() => {})
  await vi.advanceTimersByTimeAsync(90_000)
  const stopped = new SlipwayError('stage-timeout', 'the batch did not finish in 900 s')
  bench.stop.abort(stopped)
  await expect(waiting).rejects.toThrow()
  expect([...bench.open]).toEqual(hosts(1, 40))
  expect(bound.records?.batch?.failed?.('w1', 'stage-timeout: the batch did not finish in 900 s')).toEqual([
    { type: 'node', hostname: 'w1', event: 'fail', error: 'stage-timeout: the batch did not finish in 900 s' },
  ])
})

it.each([
  ['three', 3],
  ['twelve, in turns', 12],
])(
  '%s agents are watched on another server when the first one dies, before or while it is asked',
  async (_many, many) => {
    const three = argumentsOfStage('rke2/workers:w1', 3, many)
    for (const dies of ['before', 'while', 'hangs'] as const) {
      let dead = false
      const asked: string[] = []
      const looks: string[] = []
      const off = () => {
        throw new SlipwayError('host-unreachable', 'm1 is off')
      }
      const bench = stageBench({
        observe: hostname => {
          looks.push(hostname)
          if (hostname === 'm1' && dead) off()
          return hostname.startsWith('m')
            ? serverFacts(hostname, ...['m1', 'm2', 'm3'].filter(name => name !== hostname))
            : machineFacts({ hostname })
        },
        node: (_hostname, on) => {
          asked.push(on)
          if (on !== 'm1' || asked.length > 100) return true
          dead = true
          if (dies === 'hangs') throw new SlipwayError('stage-timeout', 'a script of ours did not end in its time')
          return off()
        },
      })
      const bound = bench.of(workers(three, bench.session))
      await bound.observe(bench.attempt)
      dead = dies === 'before'
      looks.length = 0
      const waiting = bound.waitForReady(bench.attempt, null)
      waiting.catch(() => {})
      await vi.advanceTimersByTimeAsync(90_000)
      await waiting
      expect(recorded(bench, 'ready')).toHaveLength(many)
      expect(asked.includes('m1')).toBe(dies !== 'before')
      expect(looks.filter(name => name === 'm1')).toHaveLength(dies === 'before' ? 1 : 2)
    }
  },
)

it('an agent fails with the reason where no other server is left to ask', async () => {
  let dead = false
  const off = () => {
    dead = true
    throw new SlipwayError('host-unreachable', 'm1 is off')
  }
  const bench = stageBench({
    observe: hostname => (hostname !== 'm1' ? machineFacts({ hostname }) : dead ? off() : serverFacts('m1')),
    node: off,
  })
  const waiting = bench
    .of(workers(argumentsOfStage('rke2/workers:w1', 1, 2), bench.session))
    .waitForReady(bench.attempt, null)
  waiting.catch(() => {})
  await vi.advanceTimersByTimeAsync(90_000)
  await expect(waiting).rejects.toMatchObject({ code: 'host-unreachable' })
})

it('tells a member that gets other settings from a machine that joins', async () => {
  const member = (hostname: string) => ({
    name: hostname,
    ready: true,
    kubelet_version: 'v1.34.1+rke2r1',
    roles: [],
    etcd_voter: null,
    labels: {},
    taints: [],
    unschedulable: false,
    addresses: [],
  })
  const written = {
    path: '/etc/rancher/rke2/config.yaml',
    mode: '0600',
    uid: 0,
    size: 9,
    hmac: 'f'.repeat(64),
    parts: null,
    keys: [],
    server: null,
    marked: true,
    link: null,
    fault: null,
  }
  const bench = stageBench({
    observe(hostname) {
      const facts = serverFacts('m1')
      if (hostname === 'm1') return { ...facts, cluster: facts.cluster && { ...facts.cluster, nodes: [member('w1')] } }
      if (hostname === 'w2') return machineFacts({ hostname })
      const services = { 'rke2-server': stoppedService, 'rke2-agent': runningService }
      return machineFacts({ hostname, services, config: [written] })
    },
  })
  const bound = bench.of(workers(argumentsOfStage('rke2/workers:w1', 1, 2), bench.session))
  const begun = await bound.execute(bench.attempt, await bound.observe(bench.attempt))
  const waiting = bound.waitForReady(bench.attempt, begun)
  await vi.advanceTimersByTimeAsync(30_000)
  await waiting
  expect(bench.told).toEqual([
    'w1 gets other settings, and its service is restarted; w2 joins',
    'w1: runs with its new settings',
    'w2: joined',
  ])
})

it('names nobody as waited for where an earlier attempt has seen the end of all', async () => {
  const bench = stageBench({})
  const three = argumentsOfStage('rke2/workers:w1', 1, 3)
  const over = { ...bench.attempt, finishedHosts: async () => new Set(['w1', 'w2', 'w3']) }
  await bench.of(workers(three, bench.session)).waitForReady(over, null)
  expect(bench.told).toEqual(['all of them are ready already'])
})
