import type { StageKind } from '../engine/contract/stage.ts'
import { drainStage } from './drain/drain.ts'
import { uncordonStage } from './drain/uncordon.ts'
import { labelsStage } from './labels/labels.ts'
import type { SessionOf } from './session.ts'

/** Stages on nodes of any cluster, whatever its distribution. */
export const nodeStages = (sessionOf: SessionOf): readonly StageKind[] =>
  [drainStage, uncordonStage, labelsStage].map(definition => definition.over(sessionOf))
