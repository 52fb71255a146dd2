import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../until.ts'
import { serverKind, type TestDatabase } from '../store/databases.ts'
import { durableRequest } from './durableStages.ts'
import {
  createKillableRuns,
  expectRightEnds,
  type KillableRuns,
  orphansOf,
  removeRuns,
  startWorkerProcess,
} from './killHarness.ts'

/** Several workers on one server; an embedded database has one process at a time (folder.test.ts). */
const kind = serverKind()
let database: TestDatabase
let runs: KillableRuns
const pids: number[] = []
const begin = (leaseTime: number) => {
  const started = startWorkerProcess(runs, {}, leaseTime)
  if (started.child.pid !== undefined) pids.push(started.child.pid)
  return started
}
const made = (cluster: string, name: string) => existsSync(join(runs.world, cluster, name))
const begun = (cluster = 'c0') => made(cluster, 'begun')

beforeEach(async () => {
  database = await kind.create()
})
afterEach(async () => {
  for (const pid of pids.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
  await removeRuns(runs)
  await database.remove()
})

const slow = (world: string) => [durableRequest('one', { folder: world, steps: 3, stepTime: 700 })]

it('another worker goes on at once with the run of a worker that was killed on the same machine', async () => {
  runs = await createKillableRuns(database, 1, slow)
  const first = begin(60_000)
  await until('the stage has begun', begun)
  const second = begin(60_000)
  await second.working
  first.child.kill('SIGKILL')
  const killed = performance.now()
  await until(
    'the run is taken over',
    async () => (await readFile(join(runs.world, 'takeovers'), 'utf8').catch(() => '')) !== '',
  )
  // The lease would have lasted a minute: the dead process proves that it is free.
  expect(performance.now() - killed).toBeLessThan(5_000)
  expect(await second.ended).toMatchObject({ code: 0, said: '' })
  await expectRightEnds(runs)
})

it('what a killed worker held besides is held by the next one at once, and by one run after the other', async () => {
  runs = await createKillableRuns(database, 2, world => [
    durableRequest('one', { folder: world, steps: 3, stepTime: 300, holds: ['m1'] }),
  ])
  const first = begin(60_000)
  await until('one of them is at it', () => begun('c0') || begun('c1'))
  expect([begun('c0'), begun('c1')]).toContain(false)
  first.child.kill('SIGKILL')
  const killed = Date.now()
  expect(await begin(60_000).ended).toMatchObject({ code: 0, said: '' })
  await expectRightEnds(runs)
  const madeAt = (cluster: string) =>
    [0, 1, 2].map(one => statSync(join(runs.world, cluster, `one.${one}`)).mtimeMs).filter(at => at > killed)
  const [c0, c1] = [madeAt('c0'), madeAt('c1')]
  expect(Math.max(...c0) < Math.min(...c1) || Math.max(...c1) < Math.min(...c0)).toBe(true)
})

it('a frozen worker that wakes up after a takeover is refused, and its children are ended', async () => {
  runs = await createKillableRuns(database, 1, slow)
  const run = runs.ids[0] ?? ''
  const frozen = begin(1_500)
  await until('the stage has children', () => orphansOf(run).length > 1)
  frozen.child.kill('SIGSTOP')
  const left = orphansOf(run)
  expect(left.length).toBeGreaterThan(1)
  const second = begin(1_500)
  await until('the run is taken over', () => existsSync(join(runs.world, 'takeovers')))
  expect(orphansOf(run).filter(pid => left.includes(pid))).toEqual([])
  frozen.child.kill('SIGCONT')
  expect(await second.ended).toMatchObject({ code: 0, said: '' })
  const { code, said } = await frozen.ended
  expect(code).toBe(0)
  expect(said).toContain('run left')
  expect(said).toContain('lease-lost')
  await expectRightEnds(runs)
})

it('two workers share the runs of many clusters, each run executed by one of them', async () => {
  runs = await createKillableRuns(database, 16, world => [
    durableRequest('one', { folder: world, steps: 2, stepTime: 200 }),
  ])
  const both = [begin(5_000), begin(5_000)]
  for (const { ended } of both) expect(await ended).toMatchObject({ code: 0, said: '' })
  await expectRightEnds(runs)
  const store = await database.open()
  const attempts = await store.database.selectFrom('attempts').select(['run', 'worker']).execute()
  await store.close()
  expect(attempts).toHaveLength(16)
  expect(new Set(attempts.map(attempt => attempt.worker)).size).toBe(2)
})

it('a restart of the database in the middle of a run is survived without repeating anything', async () => {
  runs = await createKillableRuns(database, 2, world => [
    durableRequest('one', { folder: world, steps: 5, stepTime: 300 }),
    durableRequest('two', { folder: world, steps: 2, stepTime: 100 }, ['one']),
  ])
  const worker = begin(20_000)
  await until('both runs are under way', () => begun('c0') && begun('c1'))
  await kind.server().halt()
  // Steps of both runs fall into the outage: they are made, and nobody could be told.
  await until('both have made their last step', () => made('c0', 'one.4') && made('c1', 'one.4'))
  await kind.server().resume()
  const { code } = await worker.ended
  expect(code).toBe(0)
  await expectRightEnds(runs)
  const store = await database.open()
  const attempts = await store.database.selectFrom('attempts').select('number').execute()
  await store.close()
  expect(attempts.map(attempt => attempt.number)).toEqual([1, 1, 1, 1])
})

it('a worker that cannot reach the database ends its children before its lease is over, and goes on afterwards', async () => {
  runs = await createKillableRuns(database, 1, world => [
    durableRequest('one', { folder: world, steps: 2, stepTime: 4_000 }),
  ])
  const worker = begin(2_000)
  await until('the stage has children', () => orphansOf(runs.ids[0] ?? '').length > 0)
  await kind.server().halt()
  const halted = performance.now()
  await until('its children are gone', () => orphansOf(runs.ids[0] ?? '').length === 0)
  expect(performance.now() - halted).toBeLessThan(2_000)
  await kind.server().resume()
  const { code } = await worker.ended
  expect(code).toBe(0)
  await expectRightEnds(runs)
})
