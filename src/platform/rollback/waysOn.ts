import { shellWord } from '../../domain/placeholders.ts'
import type { Release } from '../../helm/release.ts'
import { type ChartSource, sourceOf } from '../chartSource.ts'
import { catalogue } from '../catalogue/index.ts'
import { chartOf, enabledComponents } from '../components/enabled.ts'
import type { PlatformSpec } from '../spec.ts'

interface StepBack {
  readonly cluster: string
  readonly name: string
  readonly present: Release
  readonly earlier: Release
}

/** What is to be known of a release that has gone back, while the desired state is as it was. Pure. */
export function waysOn({ cluster, name, present, earlier }: StepBack, platform: PlatformSpec | undefined): string[] {
  const definitions =
    present.definitions.length > 0 || present.chart.version !== earlier.chart.version
      ? ['CustomResourceDefinitions of the chart stay as they are: they are not rolled back']
      : []
  const source = sourceIn(name, platform)
  if (!source) return definitions
  const named = [cluster, name].map(shellWord).join(' ')
  const older = source !== 'remote' ? '--chart FILE' : `--version ${earlier.chart.version}`
  const keep =
    present.chart.version === earlier.chart.version
      ? 'put its values back in the cluster file'
      : `slipway platform upgrade ${named} ${older}`
  return [
    ...definitions,
    `the desired state still wants ${name} as it was before. To keep it as it is then: ${keep}. To have the newer again: slipway platform apply ${named}`,
  ]
}

/** Where the desired state has it from; null: it does not want it. */
function sourceIn(name: string, platform: PlatformSpec | undefined): ChartSource['kind'] | null {
  const chart = platform?.charts?.find(one => one.name === name)
  if (chart) return sourceOf(chart).kind
  const component = catalogue.find(one => one.name === name)
  const enabled = enabledComponents(platform ?? {}).find(one => one.component.name === name)
  return component?.kind === 'chart' && enabled ? sourceOf(chartOf({ ...enabled, component })).kind : null
}
