import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { plan } from '../../src/engine/plan/planner.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { createRun } from '../../src/engine/run/requests.ts'
import { bindStage, type StageKind, type StageRequest } from '../../src/engine/contract/stage.ts'
import { startWorker } from '../../src/engine/worker/worker.ts'
import { newWorkerName } from '../../src/processes/environment.ts'
import { identifyWorker, isDead } from '../../src/processes/workerIdentity.ts'
import { openStore, type Store } from '../../src/store/openStore.ts'
import { type Bound, median, spread, timed } from '../bound.ts'
import { clusterSubject } from '../../src/domain/subject.ts'

/** A stage that has something to do and takes as long as its arguments say, ms. */
const waiting: StageKind = {
  kind: 'bench/wait',
  bind: request =>
    bindStage({
      timeout: 60_000,
      touches: [],
      observe: async () => null,
      checkPrerequisites: () => [],
      shouldRun: () => ({
        kind: 'run',
        reason: 'measured',
        changes: [{ effect: 'create', target: request.key, summary: 'wait' }],
      }),
      execute: async context => {
        if (typeof request.arguments === 'number' && request.arguments > 0)
          await after(request.arguments, undefined, { signal: context.signal })
      },
      waitForReady: async () => {},
    }),
}

const stage = (index: number, takes: number, needs: readonly string[]): StageRequest => ({
  kind: waiting.kind,
  key: `bench/${index}`,
  title: `stage ${index}`,
  needs: needs.map(need => ({ stage: need })),
  arguments: takes,
})

/** ms from the creation of a run over these stages until it has completed. */
async function runTime(store: Store, cluster: string, requests: readonly StageRequest[]): Promise<number> {
  const registry = createRegistry([waiting])
  const { signal } = new AbortController()
  const made = await plan(requests, registry, { subject: clusterSubject(cluster), desiredVersion: 0, signal })
  const worker = startWorker({
    self: identifyWorker(newWorkerName()),
    isDead,
    records: store.records,
    registry,
    children: { end: async () => 0 },
    onTakeover: async () => {},
    redact: text => text,
  })
  try {
    return await timed(async () => {
      const run = await createRun(store.records, made, { by: 'bench' })
      for await (const event of store.records.follow(run, 0, signal))
        if (event.type === 'run-failed') throw new Error(event.message)
    })
  } finally {
    await worker.stop()
  }
}

async function withStore<Result>(work: (store: Store) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const store = await openStore({ folder })
  try {
    return await work(store)
  } finally {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

export const engineStages: Bound = {
  name: 'engine-stages',
  minutes: 5,
  measure: () =>
    withStore(async store => {
      const chain = (length: number) =>
        Array.from({ length }, (_, index) => stage(index, 0, index === 0 ? [] : [`bench/${index - 1}`]))
      await runTime(store, 'warm', chain(50))
      const times: number[] = []
      for (let round = 0; round < 3; round++) times.push((await runTime(store, `chain-${round}`, chain(1000))) / 1000)
      return [
        {
          name: 'engine, no-op stage',
          figure: median(times),
          bound: 3,
          unit: 'ms',
          note: `1,000 in a chain on the embedded database, ${spread(times)}`,
        },
      ]
    }),
}

export const engineWide: Bound = {
  name: 'engine-wide',
  minutes: 5,
  measure: () =>
    withStore(async store => {
      const wide = Array.from({ length: 10 }, (_, index) => stage(index, 1000, []))
      const times: number[] = []
      const starts: number[] = []
      for (let round = 0; round < 3; round++) {
        starts.push(await runTime(store, `start-${round}`, [stage(0, 0, [])]))
        times.push((await runTime(store, `wide-${round}`, wide)) - (starts.at(-1) ?? 0))
      }
      const note = `above the start of a run (${median(starts).toFixed(0)} ms), ${spread(times)}`
      return [{ name: 'engine, 10 × 1 s side by side', figure: median(times), bound: 1100, unit: 'ms', note }]
    }),
}
