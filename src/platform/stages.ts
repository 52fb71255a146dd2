import type { StageKind } from '../engine/contract/stage.ts'
import { chartStage, type PlatformSurroundings } from './charts/chart.ts'

/** Stages of what runs on a cluster. */
export const platformStageKinds = (around: PlatformSurroundings): readonly StageKind[] => [chartStage.over(around)]
