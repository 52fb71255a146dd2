import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { clusterName } from '../../domain/names.ts'
import { createRegistry } from '../../engine/contract/registry.ts'
import type { AttemptContext, BoundStage, Decision, Observation, StageKind } from '../../engine/contract/stage.ts'
import { enabledComponents } from '../components/enabled.ts'
import { platformStages } from '../pipeline.ts'
import { readPlatform } from '../readPlatform.ts'
import type { PlatformSurroundings } from '../surroundings.ts'
import { earlierStages, type Meaning } from './names.ts'

const earlierArguments = z.looseObject({ cluster: clusterName })

/** Longer than all of them together may take, one after the other. */
const timeout = 4 * 3600 * 1000

/**
 * Stages under the names of earlier installers, so that a run that is stored with them goes on: each does what is left of
 * the stages that are meant, as the desired state has them now.
 * @param kinds the stages of today.
 */
export function earlierStageKinds(around: PlatformSurroundings, kinds: readonly StageKind[]): StageKind[] {
  const registry = createRegistry(kinds)
  return Object.entries(earlierStages()).map(([kind, meant]) => ({
    kind,
    bind({ key, arguments: stored }) {
      const given = earlierArguments.safeParse(stored)
      if (given.success) return over(given.data.cluster, meant)
      throw new SlipwayError('stage-unknown', `the stored arguments of ${key} do not fit this version: no cluster`)
    },
  }))

  function over(cluster: string, { components, charts }: Meaning): BoundStage {
    const parts = async () => {
      const platform = await readPlatform(around.sessionOf(cluster))
      const enabled = enabledComponents(platform).map(({ component }) => component.name)
      const names = [
        ...components.filter(name => enabled.includes(name)),
        ...(charts ? (platform.charts ?? []).map(({ name }) => name) : []),
      ]
      // What they need is another stage of the same run.
      const all = names.length === 0 ? [] : platformStages(cluster, platform, [], names)
      return all.filter(({ key }) => names.some(name => key.endsWith(`:${name}`))).map(one => registry.bind(one))
    }
    return {
      timeout,
      touches: ['platform/'],
      async observe(context): Promise<Observation> {
        const bound = await parts()
        const seen = await Promise.all(bound.map(stage => stage.observe(context)))
        return {
          unmet: seen.flatMap(({ unmet }) => unmet),
          decision: together(seen.map(({ decision }) => decision)),
          async execute(attempt) {
            for (const [at, stage] of bound.entries()) {
              // What came before it may have changed what it finds.
              const now = at === 0 ? seen[0] : await stage.observe(attempt)
              if (now?.decision.kind === 'run') await (await now.execute(attempt))()
            }
            return async () => {}
          },
        }
      },
      async waitForReady(attempt: AttemptContext) {
        for (const stage of await parts()) await stage.waitForReady(attempt)
      },
    }
  }
}

/** Pure. */
function together(decisions: readonly Decision[]): Decision {
  const changes = decisions.flatMap(one => (one.kind === 'run' ? one.changes : []))
  const later = decisions.find(one => one.kind === 'deferred')
  if (changes.length > 0) return { kind: 'run', reason: 'not all of it is as the cluster file says', changes }
  return later ?? { kind: 'skip', reason: 'all of it is as the cluster file says' }
}
