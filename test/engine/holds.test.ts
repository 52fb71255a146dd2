import { expect, it } from 'vitest'
import { machineSubject } from '../../src/domain/machine.ts'
import { type Subject, subjectText } from '../../src/domain/subject.ts'
import type { RunRecords } from '../../src/engine/contract/records.ts'
import { plan } from '../../src/engine/plan/planner.ts'
import { cancelRun, createRun } from '../../src/engine/run/requests.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { until } from '../until.ts'
import { benchForEach, createTestRun } from './bench.ts'
import { type CodeStage, codeStages, type CodeStages } from './codeStages.ts'

/** What a stage changes besides the subject of its run: it has the lease of that as well, and others wait for it. */
const store = emptyStoreForEach()
const bench = benchForEach(store)
const [m1, m2] = [machineSubject('m1'), machineSubject('m2')]

/** Stages of several runs, which tell when they begin and end. */
function told(stages: Readonly<Record<string, CodeStage>>) {
  const lines: string[] = []
  const all = Object.entries(stages).map(([key, own]): [string, CodeStage] => [
    key,
    {
      ...own,
      async execute(context, observed) {
        lines.push(`${key} begins`)
        await own.execute?.(context, observed)
        lines.push(`${key} ends`)
      },
    },
  ])
  return { lines, ...codeStages(Object.fromEntries(all)) }
}

/** A run of one of the stages. */
async function runOf({ requests, registry }: CodeStages, key: string, subject: Subject): Promise<string> {
  const own = requests.filter(request => request.key === key)
  if (subject.kind === 'cluster') return createTestRun(store(), own, subject.name, registry)
  const signal = AbortSignal.timeout(10_000)
  const made = await plan(own, registry, { subject, desiredVersion: 0, signal })
  return createRun(store().records, made, { by: 'test', hash: made.hash })
}
const ofCluster = (stages: CodeStages, key: string) => runOf(stages, key, { kind: 'cluster', name: `of-${key}` })

const progress = async (run: string) =>
  (await bench().events(run)).flatMap(({ type, message }) => (type === 'progress' ? [message] : []))

/** Resolves when a run has to wait for somebody else. */
async function waiting(run: string): Promise<void> {
  for await (const event of store().records.follow(run, 0, AbortSignal.timeout(10_000)))
    if (event.type === 'progress' && event.message.startsWith('waits: ')) return
  throw new Error(`run ${run} has ended without waiting`)
}

it('two runs that hold one machine are at it one after the other, and the second says that it waits', async () => {
  const goesOn = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const first = { holds: [m1], execute: async () => (begun.resolve(), goesOn.promise) }
  const stages = told({ a: first, b: { holds: [m1] } })
  const a = await ofCluster(stages, 'a')
  bench().work({ registry: stages.registry })
  await begun.promise
  const b = await ofCluster(stages, 'b')
  await waiting(b)
  goesOn.resolve()
  expect(await Promise.all([a, b].map(run => bench().settled(run)))).toEqual(['completed', 'completed'])
  expect(stages.lines).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  expect(await progress(b)).toEqual(['waits: another run is changing machine m1'])
})

it('two runs that name their machines in opposite order do not wait for each other', async () => {
  const stages = told({ a: { holds: [m1, m2] }, b: { holds: [m2, m1] } })
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  /** Neither goes on to its second machine before the other one has asked for its first. */
  const records = (own: number): RunRecords => ({
    ...store().records,
    // Two workers at once, as over a server: neither is dead.
    exclusive: false,
    async hold(...given) {
      const lease = await store().records.hold(...given)
      asked[own]?.resolve()
      await asked[1 - own]?.promise
      return lease
    },
  })
  const runs = [await ofCluster(stages, 'a'), await ofCluster(stages, 'b')]
  for (const own of [0, 1])
    bench().work({ registry: stages.registry, records: records(own), limits: { runsAtOnce: 1 } })
  expect(await Promise.all(runs.map(run => bench().settled(run)))).toEqual(['completed', 'completed'])
  expect(stages.executed.toSorted()).toEqual(['a', 'b'])
  const [first] = stages.executed
  expect(stages.lines[1]).toBe(`${first} ends`)
})

it('a cluster’s run waits for the run of a machine, and keeps no place from it', async () => {
  const stages = told({ own: {}, beside: { holds: [m1] } })
  const claimed = Promise.withResolvers<void>()
  const waits = Promise.withResolvers<void>()
  const records: RunRecords = {
    ...store().records,
    // The machine's run has its lease, and begins with its stage once the cluster's run waits for that.
    async readStages(run) {
      const found = await store().records.readStages(run)
      if (found.some(({ key }) => key === 'own')) {
        claimed.resolve()
        await waits.promise
      }
      return found
    },
  }
  const own = await runOf(stages, 'own', m1)
  bench().work({ registry: stages.registry, records, limits: { stagesAtOnce: 1 } })
  await claimed.promise
  const beside = await ofCluster(stages, 'beside')
  await waiting(beside)
  waits.resolve()
  expect(await Promise.all([own, beside].map(run => bench().settled(run)))).toEqual(['completed', 'completed'])
  expect(stages.executed).toEqual(['own', 'beside'])
})

it('the run of a machine is not begun while a cluster’s run is at that machine', async () => {
  const goesOn = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const stages = told({
    own: {},
    beside: { holds: [m1], execute: async () => (begun.resolve(), goesOn.promise) },
  })
  const beside = await ofCluster(stages, 'beside')
  const claims: (string | null)[] = []
  const records: RunRecords = {
    ...store().records,
    async claim(...given) {
      const claimed = await store().records.claim(...given)
      claims.push(claimed && subjectText(claimed.lease.subject))
      return claimed
    },
  }
  bench().work({ registry: stages.registry, records })
  await begun.promise
  const own = await runOf(stages, 'own', m1)
  const before = claims.length
  await until('it is looked for', () => claims.length > before)
  expect(claims.slice(before)).toEqual([null])
  goesOn.resolve()
  expect(await Promise.all([own, beside].map(run => bench().settled(run)))).toEqual(['completed', 'completed'])
  expect(stages.executed).toEqual(['beside', 'own'])
  expect(claims.filter(one => one !== null)).toEqual(['cluster of-beside', 'machine m1'])
})

it('what a stage holds is given back when it has failed, and its run can be cancelled while it waits', async () => {
  const goesOn = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const stages = told({
    failing: { holds: [m1, m2], execute: () => Promise.reject(new Error('failed on purpose')) },
    a: { holds: [m1], execute: async () => (begun.resolve(), goesOn.promise) },
    b: { holds: [m2, m1] },
  })
  const failing = await ofCluster(stages, 'failing')
  bench().work({ registry: stages.registry })
  expect(await bench().settled(failing)).toBe('failed')
  const a = await ofCluster(stages, 'a')
  await begun.promise
  const b = await ofCluster(stages, 'b')
  await waiting(b)
  await cancelRun(store().records, b, 'test')
  expect(await bench().settled(b)).toBe('cancelled')
  goesOn.resolve()
  expect(await bench().settled(a)).toBe('completed')
  expect(stages.executed).toEqual(['a'])
  await until('all leases are given back', async () => {
    const held = await store()
      .database.selectFrom('leases')
      .select('subject_name')
      .where('worker', 'is not', null)
      .execute()
    return held.length === 0
  })
})
