import type { StageKind } from '../../engine/contract/stage.ts'
import type { SessionOf } from '../session.ts'
import { drainStage } from './drain.ts'
import { uncordonStage } from './uncordon.ts'

/** Stages on nodes of any cluster, whatever its distribution. */
export const nodeStages = (sessionOf: SessionOf): readonly StageKind[] =>
  [drainStage, uncordonStage].map(definition => definition.over(sessionOf))
