import { z } from 'zod'
import { clusterName } from '../../domain/names.ts'
import { defineStage } from '../../engine/contract/defineStage.ts'
import type { PlatformSurroundings } from '../surroundings.ts'
import { releaseStage } from './release.ts'
import { wantedChart } from './wantedChart.ts'

const chartArguments = z.strictObject({
  cluster: clusterName,
  name: z.string(),
  namespace: z.string(),
  /** ms */
  timeout: z.int(),
  afterStages: z.array(z.string()),
  /** Stages of the components and charts that come before it; runs of earlier versions do not say. */
  needs: z.array(z.string()).default([]),
})

/** A chart of the user's own as a release of Helm. */
export const chartStage = defineStage({
  kind: 'platform/chart',
  arguments: chartArguments,
  stage({ cluster, ...given }, { sessionOf, helm }: PlatformSurroundings) {
    const session = sessionOf(cluster)
    const about = `chart ${given.name}`
    return releaseStage({ ...given, about, read: (...at) => wantedChart(given, session, ...at) }, session, helm)
  },
})
