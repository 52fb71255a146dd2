import type { StageKind } from '../engine/contract/stage.ts'
import { chartStage } from './charts/chart.ts'
import { componentStage } from './components/component.ts'
import { prerequisitesStage } from './prerequisites/stage.ts'
import { removalStage } from './removal/removal.ts'
import { rollbackStage } from './rollback/rollback.ts'
import type { PlatformSurroundings } from './surroundings.ts'

/** Stages of what runs on a cluster. */
export const platformStageKinds = (around: PlatformSurroundings): readonly StageKind[] => [
  prerequisitesStage.over(around),
  chartStage.over(around),
  componentStage.over(around),
  removalStage.over(around),
  rollbackStage.over(around),
]
