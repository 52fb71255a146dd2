import { z } from 'zod'
import { nodeStages } from '../src/clusters/stages.ts'
import { nothingLearnt } from '../src/clusters/learnt.ts'
import { pipelineOf } from '../src/distributions/pipeline.ts'
import { rke2 } from '../src/distributions/rke2/index.ts'
import { createRegistry } from '../src/engine/contract/registry.ts'
import { bindStage, type StageKind } from '../src/engine/contract/stage.ts'
import type { StagesOf } from '../src/server/stages.ts'
import { noMachines, serveBench } from './benchServer.ts'
import { nothingSeen } from './nothingSeen.ts'

/**
 * A server of which the stages of RKE2 find everything done without looking at a machine: all else on the way from the
 * command to the plan is the product's own. Prints its URL.
 */
const given = z.object({
  nodes: z.array(z.object({ hostname: z.string() })),
  /** Its name alone, for stages of any cluster. */
  cluster: z.union([z.string().transform(() => null), z.object({ version: z.string() })]),
})

const done = (kind: string): StageKind => ({
  kind,
  bind({ arguments: raw }) {
    const { nodes, cluster } = given.parse(raw)
    const works = cluster
      ? nodes.map(({ hostname }) => ({ type: 'node-works', hostname, installed_version: cluster.version }) as const)
      : []
    return bindStage({
      timeout: 60_000,
      touches: nodes.map(({ hostname }) => hostname),
      records: { skipped: () => works, runCompleted: [{ type: 'installation-stage', stage: 'completed' }] },
      observe: async () => null,
      checkPrerequisites: () => [],
      shouldRun: () => ({ kind: 'skip', reason: 'nobody has looked' }),
      execute: async () => {},
      waitForReady: async () => {},
    })
  },
})

const stagesOf: StagesOf = () => {
  const nobody = () => {
    throw new Error('nobody looks at a machine here')
  }
  const kinds = [...nodeStages(nobody), ...rke2.stages(nobody)]
  const registry = createRegistry(kinds.map(({ kind }) => done(kind)))
  return {
    ...noMachines,
    registry,
    planning: {
      async open({ desired, operation, accepted }, recorded) {
        const context = { cluster: desired.metadata.name, desired: desired.spec, recorded, accepted }
        const pipeline = pipelineOf(rke2, operation, context)
        return {
          ...pipeline,
          registry,
          look: nothingSeen,
          leftovers: async () => [],
          learnt: async () => nothingLearnt,
          close: async () => {},
        }
      },
    },
  }
}

await serveBench(stagesOf)
