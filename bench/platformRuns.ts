import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterSubject } from '../src/domain/subject.ts'
import { createRegistry } from '../src/engine/contract/registry.ts'
import type { StageRecord } from '../src/engine/contract/records.ts'
import { plan } from '../src/engine/plan/planner.ts'
import { createRun } from '../src/engine/run/requests.ts'
import { startWorker } from '../src/engine/worker/worker.ts'
import { platformStages } from '../src/platform/pipeline.ts'
import type { PlatformSpec } from '../src/platform/spec.ts'
import { platformStageKinds } from '../src/platform/stages.ts'
import { findHelm } from '../src/helm/tool.ts'
import { endChildren } from '../src/processes/endChildren.ts'
import { markerEnvironment, newWorkerName } from '../src/processes/environment.ts'
import { identifyWorker, isDead } from '../src/processes/workerIdentity.ts'
import { openStore } from '../src/store/openStore.ts'
import { benchSession, chartIn } from '../test/platform/benchSession.ts'
import { timed } from './bound.ts'

export interface MeasuredRuns {
  /** ms until all have completed. */
  readonly time: number
  readonly stages: readonly StageRecord[]
}

/**
 * Runs platforms, each of a cluster of its own, on one API server at once: by one worker, over an embedded database.
 * @param charts folder with their charts
 * @throws Error when one of them does not complete.
 */
export async function runPlatforms(
  kubeconfig: string,
  charts: string,
  platforms: ReadonlyMap<string, PlatformSpec>,
): Promise<MeasuredRuns> {
  const helm = await findHelm()
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const store = await openStore({ folder })
  const self = identifyWorker(newWorkerName())
  const sessionOf = (cluster: string) =>
    benchSession({
      cluster,
      platform: platforms.get(cluster) ?? {},
      openFile: chartIn(charts),
      secret: async () => kubeconfig,
      hosts: () => Promise.reject(new Error('no server is needed')),
      directory: folder,
      environment: markerEnvironment({ worker: self.id }),
    })
  const registry = createRegistry(platformStageKinds({ sessionOf, helm: async () => helm }))
  const { signal } = new AbortController()
  const run = async (cluster: string, platform: PlatformSpec): Promise<string> => {
    const made = await plan(platformStages(cluster, platform, []), registry, {
      subject: clusterSubject(cluster),
      desiredVersion: 0,
      signal,
    })
    const id = await createRun(store.records, made, { by: 'bench' })
    for await (const event of store.records.follow(id, 0, signal))
      if (event.type === 'run-failed') throw new Error(`${event.message} ${JSON.stringify(event.data)}`)
    return id
  }
  const worker = startWorker({
    self,
    isDead,
    records: store.records,
    registry,
    children: { end: of => endChildren(of) },
    onTakeover: async () => {},
    redact: text => text,
    limits: { runsAtOnce: platforms.size },
  })
  try {
    let ids: readonly string[] = []
    const time = await timed(async () => {
      ids = await Promise.all([...platforms].map(([cluster, platform]) => run(cluster, platform)))
    })
    return { time, stages: (await Promise.all(ids.map(id => store.records.readStages(id)))).flat() }
  } finally {
    await worker.stop()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}
