import type { ClusterSession, SessionOf } from '../../../clusters/session.ts'
import { defineStage } from '../../../engine/contract/defineStage.ts'
import type { Stage, StageKind } from '../../../engine/contract/stage.ts'
import { type StageArguments, stageArguments } from '../arguments.ts'
import { cluster } from './cluster.ts'
import { kinds } from './kinds.ts'
import { kubeconfig } from './kubeconfig.ts'
import { source } from './source.ts'
import { verify } from './verify.ts'

/** The stages of a cluster that Kubespray makes. */
export const stages = {
  source: stageOf(kinds.source, source),
  cluster: stageOf(kinds.cluster, cluster),
  kubeconfig: stageOf(kinds.kubeconfig, kubeconfig),
  verify: stageOf(kinds.verify, verify),
}

export const kubesprayStages = (sessionOf: SessionOf): StageKind[] =>
  Object.values(stages).map(definition => definition.over(sessionOf))

function stageOf<Observed>(kind: string, make: (stage: StageArguments, session: ClusterSession) => Stage<Observed>) {
  return defineStage({
    kind,
    arguments: stageArguments,
    stage: (given, sessionOf: SessionOf) => make(given, sessionOf(given.cluster.name)),
  })
}
