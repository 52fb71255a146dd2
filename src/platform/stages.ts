import type { StageKind } from '../engine/contract/stage.ts'
import { chartStage } from './charts/chart.ts'
import { componentStage } from './components/component.ts'
import { earlierStageKinds } from './earlier/stages.ts'
import { prerequisitesStage } from './prerequisites/stage.ts'
import { removalStage } from './removal/removal.ts'
import { rollbackStage } from './rollback/rollback.ts'
import type { PlatformSurroundings } from './surroundings.ts'

/** Stages of what runs on a cluster. */
export function platformStageKinds(around: PlatformSurroundings): readonly StageKind[] {
  const kinds = [
    prerequisitesStage.over(around),
    chartStage.over(around),
    componentStage.over(around),
    removalStage.over(around),
    rollbackStage.over(around),
  ]
  return [...kinds, ...earlierStageKinds(around, kinds)]
}
