import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { plan } from '../../src/engine/plan/planner.ts'
import { createRegistry, type Registry } from '../../src/engine/contract/registry.ts'
import { createRun } from '../../src/engine/run/requests.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import { eventData } from '../../src/contract/eventData.ts'
import type { RunEvent } from '../../src/contract/events.ts'
import { type RunningWorker, startWorker, type WorkerOptions } from '../../src/engine/worker/worker.ts'
import { newWorkerName } from '../../src/processes/environment.ts'
import { identifyWorker, isDead } from '../../src/processes/workerIdentity.ts'
import type { Store } from '../../src/store/openStore.ts'
import { worldKind } from './worldStages.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { clusterSubject } from '../../src/domain/subject.ts'
import type { Plan } from '../../src/contract/plan.ts'

/** A store with workers on it and a folder as world, for a test. */
export interface Bench {
  readonly store: Store
  readonly folder: string
  readonly takeovers: { cluster: string; hosts: readonly string[] }[]
  work(options?: Partial<WorkerOptions>): RunningWorker
  start(requests: readonly StageRequest[], cluster?: string): Promise<string>
  /** Waits until the run has ended or awaits approval; returns its status. */
  settled(run: string): Promise<string>
  executed(): Promise<string[]>
  events(run: string): Promise<RunEvent[]>
  close(): Promise<void>
}

export const registry = createRegistry([worldKind])

/** Plans and approves; the run waits for a worker. */
export async function createTestRun(
  store: Store,
  requests: readonly StageRequest[],
  cluster = 'demo',
  kinds: Registry = registry,
  accept: readonly string[] = [],
): Promise<string> {
  const made = await planTest(store, requests, cluster, kinds)
  return createRun(store.records, made, { by: 'test', hash: made.hash, accept })
}

export async function planTest(
  store: Store,
  requests: readonly StageRequest[],
  cluster = 'demo',
  kinds: Registry = registry,
): Promise<Plan> {
  const subject = clusterSubject(cluster)
  const desiredVersion = (await store.records.desiredVersion(subject)) ?? 0
  return plan(requests, kinds, { subject, desiredVersion, signal: AbortSignal.timeout(30_000) })
}

/** A bench for each test of a file. */
export function benchForEach(store: () => Store): () => Bench {
  let bench: Bench
  beforeEach(async () => {
    bench = await openBench(store())
  })
  afterEach(() => bench.close())
  return () => bench
}

async function openBench(store: Store): Promise<Bench> {
  const folder = temporaryFolder('world')
  const workers: RunningWorker[] = []
  const takeovers: Bench['takeovers'] = []
  const { records } = store
  return {
    store,
    folder,
    takeovers,
    work(options) {
      const worker = startWorker({
        self: identifyWorker(newWorkerName()),
        isDead,
        records,
        registry,
        children: { end: async () => 0 },
        onTakeover: async ({ name: cluster }, _fence, hosts) => {
          takeovers.push({ cluster, hosts })
        },
        redact: text => text,
        ...options,
      })
      workers.push(worker)
      return worker
    },
    start: (requests, cluster) => createTestRun(store, requests, cluster),
    async settled(run) {
      const stop = new AbortController()
      const limit = setTimeout(() => stop.abort(), 60_000)
      try {
        for await (const event of records.follow(run, 0, stop.signal)) {
          if (event.type === 'run-awaiting-approval' && (await records.readRun(run)).seq === event.seq) break
        }
      } finally {
        clearTimeout(limit)
        stop.abort()
      }
      return (await records.readRun(run)).status
    },
    async executed() {
      const text = await readFile(join(folder, 'executed'), 'utf8').catch(() => '')
      return text.split('\n').filter(line => line !== '')
    },
    async events(run) {
      const events: RunEvent[] = []
      for await (const event of records.follow(run, 0, AbortSignal.timeout(5_000))) events.push(event)
      // Whatever a run records has the data of its type.
      for (const { type, data } of events) eventData[type].parse(data)
      return events
    },
    async close() {
      await Promise.all(workers.map(worker => worker.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
