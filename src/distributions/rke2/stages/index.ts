import { SlipwayError } from '../../../domain/errors.ts'
import { bindStage, type BoundStage, type Stage, type StageKind } from '../../../engine/contract/stage.ts'
import { type StageArguments, stageArguments } from '../arguments.ts'
import type { ClusterSession, Sessions } from '../session.ts'
import { finish } from './finish.ts'
import { initialMaster } from './initialMaster.ts'
import { join } from './join.ts'
import { prepare } from './prepare.ts'
import { workers } from './workers.ts'

/** The stages of an RKE2 cluster, by the names they are stored with. */
export function rke2Stages(sessions: Sessions): StageKind[] {
  return [
    stageKind('rke2/prepare', prepare, sessions),
    stageKind('rke2/initial-master', initialMaster, sessions),
    stageKind('rke2/join', join, sessions),
    stageKind('rke2/workers', workers, sessions),
    stageKind('rke2/finish', finish, sessions),
  ]
}

function stageKind<Observed>(
  kind: string,
  make: (stage: StageArguments, session: ClusterSession) => Stage<Observed>,
  sessions: Sessions,
): StageKind {
  return {
    kind,
    bind(request): BoundStage {
      const parsed = stageArguments.safeParse(request.arguments)
      if (!parsed.success)
        throw new SlipwayError('stage-unknown', `the stored arguments of ${request.key} do not fit this version`, {
          cause: parsed.error,
        })
      return bindStage(make(parsed.data, sessions(parsed.data.cluster.name)))
    },
  }
}
