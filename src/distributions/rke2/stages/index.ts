import type { SessionOf } from '../../../clusters/session.ts'
import { SlipwayError } from '../../../domain/errors.ts'
import { bindStage, type BoundStage, type Stage, type StageKind } from '../../../engine/contract/stage.ts'
import { type StageArguments, stageArguments } from '../arguments.ts'
import { type Rke2Session, rke2Session } from '../session.ts'
import { finish } from './finish.ts'
import { initialMaster } from './initialMaster.ts'
import { join } from './join.ts'
import { prepare } from './prepare.ts'
import { workers } from './workers.ts'

/** The stages of an RKE2 cluster, by the names they are stored with. */
export function rke2Stages(sessionOf: SessionOf): StageKind[] {
  return [
    stageKind('rke2/prepare', prepare, sessionOf),
    stageKind('rke2/initial-master', initialMaster, sessionOf),
    stageKind('rke2/join', join, sessionOf),
    stageKind('rke2/workers', workers, sessionOf),
    stageKind('rke2/finish', finish, sessionOf),
  ]
}

function stageKind<Observed>(
  kind: string,
  make: (stage: StageArguments, session: Rke2Session) => Stage<Observed>,
  sessionOf: SessionOf,
): StageKind {
  return {
    kind,
    bind(request): BoundStage {
      const parsed = stageArguments.safeParse(request.arguments)
      if (!parsed.success)
        throw new SlipwayError('stage-unknown', `the stored arguments of ${request.key} do not fit this version`, {
          cause: parsed.error,
        })
      return bindStage(make(parsed.data, rke2Session(sessionOf(parsed.data.cluster.name))))
    },
  }
}
