import type { SessionOf } from '../../../clusters/session.ts'
import { defineStage } from '../../../engine/contract/defineStage.ts'
import type { Stage, StageKind } from '../../../engine/contract/stage.ts'
import { type StageArguments, stageArguments, type UninstallArguments, uninstallArguments } from '../arguments.ts'
import { type Rke2Session, rke2Session } from '../session.ts'
import { adopt } from './adopt.ts'
import { finish } from './finish.ts'
import { initialMaster } from './initialMaster.ts'
import { leave } from '../removal/leave.ts'
import { leaveServer } from '../removal/leaveServer.ts'
import { forget } from '../uninstall/forget.ts'
import { uninstall } from '../uninstall/uninstall.ts'
import { giveUpVip } from './giveUpVip.ts'
import { kinds } from './kinds.ts'
import { join } from './join.ts'
import { prepare } from './prepare.ts'
import { vip } from './vip.ts'
import { workers } from './workers.ts'

/** The stages of an RKE2 cluster. */
export const stages = {
  adopt: rke2Stage(kinds.adopt, adopt),
  prepare: rke2Stage(kinds.prepare, prepare),
  initialMaster: rke2Stage(kinds.initialMaster, initialMaster),
  join: rke2Stage(kinds.join, join),
  workers: rke2Stage(kinds.workers, workers),
  vip: rke2Stage(kinds.vip, vip),
  giveUpVip: rke2Stage(kinds.giveUpVip, giveUpVip),
  finish: rke2Stage(kinds.finish, finish),
  leave: rke2Stage(kinds.leave, leave),
  leaveServer: rke2Stage(kinds.leaveServer, leaveServer),
  uninstall: uninstallStage(kinds.uninstall, uninstall),
  forget: uninstallStage(kinds.forget, forget),
}

export const rke2Stages = (sessionOf: SessionOf): StageKind[] =>
  Object.values(stages).map(definition => definition.over(sessionOf))

function rke2Stage<Observed, Begun>(
  kind: string,
  make: (stage: StageArguments, session: Rke2Session) => Stage<Observed, unknown, Begun>,
) {
  return defineStage({
    kind,
    arguments: stageArguments,
    stage: (given, sessionOf: SessionOf) => make(given, rke2Session(sessionOf(given.cluster.name))),
  })
}

function uninstallStage<Observed>(
  kind: string,
  make: (stage: UninstallArguments, session: Rke2Session) => Stage<Observed>,
) {
  return defineStage({
    kind,
    arguments: uninstallArguments,
    stage: (given, sessionOf: SessionOf) => make(given, rke2Session(sessionOf(given.cluster.name))),
  })
}
