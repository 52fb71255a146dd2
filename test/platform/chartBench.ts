import { beforeEach } from 'vitest'
import { createObservations } from '../../src/engine/contract/observations.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import type { PlatformSession } from '../../src/platform/platformSession.ts'
import { platformStages } from '../../src/platform/pipeline.ts'
import type { PlatformChart } from '../../src/platform/spec.ts'
import { platformStageKinds } from '../../src/platform/stages.ts'
import { markerEnvironment } from '../../src/processes/environment.ts'
import { emptyStoreForEach, clusterFileOf, node } from '../store/fixtures.ts'
import { applyDesiredState } from '../store/applyDesiredState.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { benchForEach, createTestRun, planTest } from '../engine/bench.ts'
import { helm } from './packedChart.ts'

type Charts = readonly (Omit<PlatformChart, 'chart'> & Partial<Pick<PlatformChart, 'chart'>>)[]
export const installation = 'of-this-test'

const platformOf = (charts: Charts) => ({ charts: charts.map(chart => ({ chart: 'web.tgz', ...chart })) })

/** Runs of charts on one API server, each over a store of its own; the file of every chart is the one that is given. */
export function chartBench(reach: () => Pick<PlatformSession, 'secret' | 'hosts'>) {
  const store = emptyStoreForEach()
  const bench = benchForEach(store)
  const desired = clusterFileOf('demo', [node('m1', '10.0.0.11')])
  beforeEach(() => applyDesiredState(store().database, desired))
  const directory = temporaryFolder('memory')

  const sessionOver = (packed: Uint8Array, charts: Charts): PlatformSession => ({
    ...reach(),
    cluster: 'demo',
    installation,
    hashKey: '00'.repeat(32),
    directory,
    environment: markerEnvironment({ worker: `${process.pid}-test` }),
    desired: async () => ({ ...desired, spec: { ...desired.spec, platform: platformOf(charts) } }),
    // Whatever else is named is a file with values.
    openFile: async file => (file.endsWith('.tgz') ? Buffer.from(packed).toString('base64') : `{ hidden: ${file} }`),
    learn() {},
    read: createObservations().read,
  })
  const registryOver = (packed: Uint8Array, charts: Charts) =>
    createRegistry(platformStageKinds({ sessionOf: () => sessionOver(packed, charts), helm: async () => helm }))
  const requests = (charts: Charts): StageRequest[] => platformStages('demo', platformOf(charts), [])

  return {
    plan: (packed: Uint8Array, ...charts: Charts) =>
      planTest(store(), requests(charts), 'demo', registryOver(packed, charts)),
    /** What the plan would do with the first chart, in its words; or its decision where there is nothing to do. */
    async told(packed: Uint8Array, ...charts: Charts) {
      const [stage] = (await this.plan(packed, ...charts)).stages
      return stage?.decision.kind === 'run' ? stage.decision.changes.map(({ summary }) => summary) : stage?.decision
    },
    /** How the run ended, and what its stages say. */
    async apply(packed: Uint8Array, ...charts: Charts) {
      const registry = registryOver(packed, charts)
      const run = await createTestRun(store(), requests(charts), 'demo', registry)
      // The next one has other values: no run may meet the worker of an earlier one.
      const worker = bench().work({ registry })
      const status = await bench().settled(run)
      await worker.stop()
      const stages = await store().records.readStages(run)
      return {
        status,
        stages,
        errors: stages.flatMap(({ error }) => (error ? [error] : [])),
        events: await bench().events(run),
      }
    },
  }
}
