import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { toSlipwayError } from '../../src/domain/errors.ts'
import { plan } from '../../src/engine/plan/planner.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { createRun } from '../../src/engine/run/requests.ts'
import { type Store, openStore } from '../../src/store/openStore.ts'
import { durableKind, durableRequest } from '../engine/durableStages.ts'
import { startDurableWorker } from '../engine/durableWorker.ts'
import { acknowledging } from './acknowledging.ts'
import { findRuns } from './findRuns.ts'
import type { Word } from './words.ts'
import { clusterSubject } from '../../src/domain/subject.ts'
import { runStatuses, endedStatuses } from '../../src/contract/events.ts'

/**
 * Runs inside the machine whose power is cut: tells what the database has, then lets a worker go on with the runs that
 * are open and with new ones, without end; with `power_task=finish` with none, and ends when all have.
 */
const data = '/data'
const world = join(data, 'world')
const clusters = ['c0', 'c1', 'c2']
const finishes = process.env['power_task'] === 'finish'

const say = (word: Word): void => {
  writeSync(1, `${JSON.stringify(word)}\n`)
}

try {
  const store = await openStore({ folder: join(data, 'slipway') }, text => say({ kind: 'note', text }))
  void store.died.then(error => fail(error))
  const tellRuns = async (): Promise<void> => {
    for await (const run of findRuns(store)) say({ kind: 'found', ...run })
  }
  await tellRuns()
  makeFolder(world)
  const worker = startDurableWorker(acknowledging(store, say), world, { leaseTime: 30_000 })
  say({ kind: 'working' })
  await Promise.all(clusters.map(cluster => work(store, cluster)))
  await worker.stop()
  await tellRuns()
  await store.close()
  say({ kind: 'finished' })
} catch (error) {
  fail(error)
}

function fail(error: unknown): never {
  const { code, message } = toSlipwayError(error)
  say({ kind: 'failed', message: `${code}: ${message}` })
  process.exit(1)
}

/** One run of a cluster after the other. */
async function work(store: Store, cluster: string): Promise<void> {
  for (;;) {
    const runs = await store.database
      .selectFrom('runs')
      .select(['id', 'status'])
      .where('subject_name', '=', cluster)
      .execute()
    for (const { id, status } of runs)
      if (!endedStatuses.has(z.enum(runStatuses).parse(status))) await untilEnded(store, id)
    if (finishes) return
    const folder = join(world, `${cluster}.${runs.length}`)
    makeFolder(folder)
    // Short, so that the cuts meet beginnings and ends of runs as well.
    const given = { folder, steps: 3, stepTime: 2 }
    const stages = [
      durableRequest('first', given),
      durableRequest('beside', given),
      durableRequest('last', given, ['first']),
    ]
    const made = await plan(stages, createRegistry([durableKind]), {
      subject: clusterSubject(cluster),
      desiredVersion: 0,
      signal: AbortSignal.timeout(60_000),
    })
    say({ kind: 'made', run: await createRun(store.records, made, { by: 'test' }) })
  }
}

async function untilEnded(store: Store, run: string): Promise<void> {
  for await (const event of store.records.follow(run, 0, AbortSignal.timeout(600_000))) void event
}

/** Made so that a power cut leaves it, before anything refers to it. */
function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true })
  const descriptor = openSync(dirname(path), 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
