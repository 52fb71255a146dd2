import type { Need, StageRequest } from '../engine/contract/stage.ts'
import { chartStage } from './charts/chart.ts'
import type { PlatformSpec } from './spec.ts'

const defaultTimeout = 300

/**
 * The stages of the platform on a cluster: each chart beside the others, but for those that it is to come after. Pure.
 * @param ready stages of the same plan after which the cluster can take it.
 */
export function platformStages(
  cluster: string,
  platform: PlatformSpec | undefined,
  ready: readonly Need[],
): StageRequest[] {
  return (platform?.charts ?? []).map(({ name, namespace = name, after = [], timeout_s = defaultTimeout }) =>
    chartStage.request({
      of: name,
      title: `Chart ${name}`,
      needs: [...ready, ...after.map(other => ({ stage: `${chartStage.kind}:${other}` }))],
      arguments: {
        cluster,
        name,
        namespace,
        timeout: timeout_s * 1000,
        afterStages: ready.map(({ stage }) => stage),
      },
    }),
  )
}
