import { beforeEach } from 'vitest'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import type { PlatformSession } from '../../src/platform/platformSession.ts'
import { platformStages } from '../../src/platform/pipeline.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { platformStageKinds } from '../../src/platform/stages.ts'
import { markerEnvironment } from '../../src/processes/environment.ts'
import { emptyStoreForEach } from '../store/fixtures.ts'
import { applyDesiredState } from '../store/applyDesiredState.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { benchForEach, createTestRun, planTest } from '../engine/bench.ts'
import { benchSession, desired, installation } from './benchSession.ts'
import { helm } from './packedChart.ts'
import { until } from '../until.ts'

export { installation } from './benchSession.ts'

interface ApplyOptions {
  readonly cut?: () => Promise<unknown>
  readonly accept?: readonly string[]
  readonly meanwhile?: { readonly told: string; act(): void }
}

/** Runs the platform of a cluster on one API server, each over a store of its own. */
export function platformBench(reach: () => Pick<PlatformSession, 'secret' | 'hosts'>, of = installation) {
  const store = emptyStoreForEach()
  const bench = benchForEach(store)
  beforeEach(() => applyDesiredState(store().database, desired))
  const directory = temporaryFolder('memory')

  const sessionOver = (platform: PlatformSpec, openFile: (file: string) => string): PlatformSession =>
    benchSession({
      ...reach(),
      platform,
      openFile,
      installation: of,
      directory,
      environment: markerEnvironment({ worker: `${process.pid}-test` }),
    })

  /**
   * @param openFile contents of the files that the platform names.
   * @param requests stages that are looked at; default: all of the platform.
   */
  return (
    platform: PlatformSpec,
    openFile: (file: string) => string,
    requests = platformStages('demo', platform, []),
  ) => {
    const registry = createRegistry(
      platformStageKinds({ sessionOf: () => sessionOver(platform, openFile), helm: async () => helm }),
    )
    const plan = () => planTest(store(), requests, 'demo', registry)
    return {
      plan,
      /** What the plan would do by stage, in its words; or why it does nothing there. */
      async told() {
        const { stages } = await plan()
        return Object.fromEntries(
          stages.map(({ key, decision, unmet }) => [
            key.replace(/^platform\/\w+:/, ''),
            unmet.length > 0
              ? unmet.map(({ name, message }) => `${name}: ${message}`)
              : decision.kind === 'run'
                ? decision.changes.map(({ summary }) => summary)
                : `${decision.kind}: ${decision.reason}`,
          ]),
        )
      },
      /**
       * How the run ended, and what its stages say.
       * @param cut when its first worker goes, in the middle of what it does; another one goes on.
       * @param meanwhile what somebody does once the run has told that.
       */
      async apply({ cut, accept, meanwhile }: ApplyOptions = {}) {
        const run = await createTestRun(store(), requests, 'demo', registry, accept)
        if (cut) {
          const first = bench().work({ registry })
          await cut()
          await first.stop()
        }
        // The next one has other values: no run may meet the worker of an earlier one.
        const worker = bench().work({ registry })
        if (meanwhile) {
          const { told, act } = meanwhile
          await until(told, async () => (await bench().events(run)).some(({ message }) => message === told))
          act()
        }
        const status = await bench().settled(run)
        await worker.stop()
        const stages = await store().records.readStages(run)
        return {
          run,
          status,
          stages,
          statuses: Object.fromEntries(stages.map(one => [one.key.replace(/^platform\/\w+:/, ''), one.status])),
          errors: stages.flatMap(({ error }) => (error ? [error] : [])),
          events: await bench().events(run),
        }
      },
    }
  }
}
