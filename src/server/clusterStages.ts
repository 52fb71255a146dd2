import { raiseFences } from '../clusters/raiseFences.ts'
import { draftSession, storedSessions } from '../clusters/sessions.ts'
import type { Distribution } from '../distributions/contract.ts'
import { distributionOf, distributions as all } from '../distributions/index.ts'
import { pipelineOf } from '../distributions/pipeline.ts'
import { createRegistry } from '../engine/contract/registry.ts'
import { raiseFence } from '../hosts/fence.ts'
import type { StagesOf } from './stages.ts'

/** The stages of clusters over the hosts themselves. */
export const clusterStagesOf =
  (distributions: readonly Distribution[] = all): StagesOf =>
  ({ store, sealer, connections, directory, environment, learn }) => {
    const { database } = store
    const installation = store.installation.id
    const around = { connections, directory, installation, sealer, environment, learn }
    const stored = storedSessions(database, around)
    const of = (name: string) => distributionOf(name, distributions)
    return {
      registry: createRegistry(distributions.flatMap(distribution => distribution.stages(stored.session))),
      planning: {
        async open(draft, recorded) {
          const { desired, accepted } = draft
          const distribution = of(desired.spec.distribution)
          const context = { cluster: desired.metadata.name, desired: desired.spec, recorded, accepted }
          const pipeline = pipelineOf(distribution, 'apply', context)
          const session = draftSession(database, around, draft)
          return {
            ...pipeline,
            registry: createRegistry(distribution.stages(() => session)),
            learnt: () => session.learnt(),
            close: () => session.close(),
          }
        },
      },
      async lookForSnapshots(desired, servers, signal) {
        const report = of(desired.spec.distribution).lookForSnapshots?.(
          stored.session(desired.metadata.name),
          desired,
          servers,
          signal,
        )
        return (await report) ?? { off: true, newest: null, servers: [], warnings: [] }
      },
      async onTakeover({ name: cluster }, fence, hosts, signal) {
        const access = await stored.session(cluster).hosts()
        const mark = { scope: { installation, cluster }, fence }
        const missing = await raiseFences(hosts, host =>
          raiseFence(access, host, mark, { takeover: true, signal, environment }),
        )
        // A host that can't be reached gets the fence before anything is done on it; one that is ahead of us ends us here.
        for (const error of missing.values()) if (error.code === 'fence-refused') throw error
      },
      close: () => stored.close(),
    }
  }
