import type { PlatformRollback } from '../../contract/operations.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { StageRequest } from '../../engine/contract/stage.ts'
import { catalogue } from '../catalogue/index.ts'
import { enabledComponents } from '../components/enabled.ts'
import { defaultTimeout } from '../pipeline.ts'
import type { PlatformSpec } from '../spec.ts'
import { rollbackStage } from './rollback.ts'

/** Pure. @throws SlipwayError `usage` for a component that Helm has no revisions of. */
export function rollbackPipeline(
  cluster: string,
  { component: name, revision, namespace }: PlatformRollback,
  platform: PlatformSpec | undefined,
): StageRequest[] {
  const component = catalogue.find(one => one.name === name)
  if (component && component.kind !== 'chart')
    throw new SlipwayError('usage', `${name} is no chart: it has no revisions to go back to`, {
      remedy: `Set what it is to be in the cluster file, and apply that: slipway platform apply ${cluster} ${name} -f FILE.`,
    })
  const chart = platform?.charts?.find(one => one.name === name)
  const enabled = enabledComponents(platform ?? {}).find(one => one.component.name === name)
  const wanted = enabled?.namespace ?? (chart ? (chart.namespace ?? chart.name) : null)
  const seconds = enabled?.timeout_s ?? chart?.timeout_s ?? defaultTimeout
  return [
    rollbackStage.request({
      of: name,
      title: `${component ? 'Component' : 'Chart'} ${name} back`,
      needs: [],
      arguments: {
        cluster,
        name,
        about: `${component ? 'component' : 'chart'} ${name}`,
        namespace: namespace ?? wanted,
        revision,
        timeout: seconds * 1000,
      },
    }),
  ]
}
