import { readStoredFiles } from '../store/storedFiles.ts'
import { openPlan, type Rke2Options, storedSessions } from '../distributions/rke2/planning.ts'
import { raiseFences } from '../distributions/rke2/raiseFences.ts'
import { lookForSnapshots } from '../distributions/rke2/snapshots.ts'
import { createRegistry } from '../engine/contract/registry.ts'
import { raiseFence } from '../hosts/fence.ts'
import type { StagesOf } from './stages.ts'

/** The stages of RKE2 clusters over the hosts themselves. */
export const rke2StagesOf: StagesOf = ({ store, sealer, connections, directory, environment, learn }) => {
  const installation = store.installation.id
  const options: Rke2Options = {
    database: store.database,
    around: { connections, directory, installation, sealer, environment },
    readFiles: ({ metadata, spec }) => readStoredFiles(store.database, sealer, metadata.name, spec),
    learn,
  }
  const stored = storedSessions(options)
  return {
    registry: createRegistry(stored.kinds),
    planning: {
      async open({ desired, files, accepted }) {
        const plan = openPlan(options, desired, files, accepted)
        return {
          requests: plan.requests,
          registry: createRegistry(plan.kinds),
          close: () => plan.close(),
          hasLearnt: () => plan.hasLearnt(),
          keep: tx => plan.keep(tx),
        }
      },
    },
    lookForSnapshots: (desired, servers, signal) =>
      lookForSnapshots(stored.session(desired.metadata.name), desired, servers, signal),
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
