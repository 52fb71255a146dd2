import { apiNodes } from '../clusters/apiNodes.ts'
import { nodeStages } from '../clusters/stages.ts'
import { raiseFences } from '../clusters/raiseFences.ts'
import { draftSession, storedSessions } from '../clusters/sessions.ts'
import type { Distribution } from '../distributions/contract.ts'
import { lookAtClusterOf } from '../distributions/discovery/lookAtCluster.ts'
import { createDistributions } from '../distributions/distributions.ts'
import { pipelineOf } from '../distributions/pipeline.ts'
import { createRegistry } from '../engine/contract/registry.ts'
import { findHelm } from '../helm/tool.ts'
import { leftoversOn } from '../platform/leftovers.ts'
import { platformOf } from '../platform/spec.ts'
import { platformStageKinds } from '../platform/stages.ts'
import { once } from '../hosts/once.ts'
import { raiseFence } from '../hosts/fence.ts'
import { boundLate } from '../machines/boundLate.ts'
import type { StageKind } from '../engine/contract/stage.ts'
import { readMachineAddresses } from '../store/machineAddresses.ts'
import { withMachines } from './clusterMachines.ts'
import { machineStageKinds } from '../machines/stageKinds.ts'
import { machineSessions } from './machineSessions.ts'
import type { StagesOf } from './stages.ts'

/** The stages of clusters over the hosts themselves. */
export const clusterStagesOf =
  (all: readonly Distribution[]): StagesOf =>
  ({ store, sealer, connections, directory, environment, learn }) => {
    const { database } = store
    const installation = store.installation.id
    const distributions = createDistributions(all)
    const { keyFilesOf, kubeconfigReader } = distributions
    const secrets = { sealer, learn, keyFilesOf, kubeconfigReader }
    const around = { connections, directory, installation, environment, ...secrets }
    const stored = storedSessions(database, around)
    const machines = machineSessions(database, { sealer, connections, directory, environment, learn })
    /** What is done to a cluster may be about machines that are made in the same run. */
    const late = (kinds: readonly StageKind[]) =>
      kinds.map(kind => boundLate(kind, names => readMachineAddresses(database, names)))
    const helm = once(() => findHelm())
    return {
      distributions,
      registry: createRegistry([
        ...machineStageKinds(machines.session),
        ...late([
          ...nodeStages(stored.session),
          ...platformStageKinds({ sessionOf: stored.session, helm }),
          ...all.flatMap(distribution => distribution.stages(stored.session)),
        ]),
      ]),
      machines,
      planning: {
        async open(draft, recorded) {
          const { accepted, operation } = draft
          const made = await withMachines(database, machines, draft, recorded)
          const { desired } = made
          const distribution = distributions.of(desired.spec)
          const pipeline = made.pipeline(({ metadata, spec }, record) =>
            pipelineOf(distribution, operation, { cluster: metadata.name, desired: spec, recorded: record, accepted }),
          )
          const session = draftSession(database, around, draft)
          return {
            ...pipeline,
            registry: createRegistry([
              ...machineStageKinds(made.session),
              ...late([
                ...nodeStages(() => session),
                ...platformStageKinds({ sessionOf: () => session, helm }),
                ...distribution.stages(() => session),
              ]),
            ]),
            async look(nodes, context) {
              const [seen, api] = await Promise.all([
                distribution.look?.(session, desired.spec, nodes, context),
                apiNodes(session, context),
              ])
              return { hosts: [], etcd: null, findings: [], ...seen, api }
            },
            leftovers: signal => leftoversOn(session, platformOf(desired.spec) ?? {}, signal),
            learnt: () => session.learnt(),
            close: () => session.close(),
          }
        },
      },
      lookAtCluster: lookAtClusterOf(all, around),
      async findSnapshots(desired, servers, signal) {
        const { metadata, spec } = distributions.read(desired)
        const report = distributions.of(spec).findSnapshots?.(stored.session(metadata.name), spec, servers, signal)
        return (await report) ?? { off: true, newest: null, servers: [], warnings: [] }
      },
      async onTakeover({ kind, name: cluster }, fence, hosts, signal) {
        // What makes machines can't be fenced: nothing is written on a host.
        if (kind !== 'cluster') return
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
