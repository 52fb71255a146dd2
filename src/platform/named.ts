import { SlipwayError } from '../domain/errors.ts'
import { stageKey } from '../engine/contract/defineStage.ts'
import type { StageRequest } from '../engine/contract/stage.ts'
import { catalogue } from './catalogue/index.ts'
import { chartStage } from './charts/chart.ts'
import { componentStage } from './components/component.ts'
import { enabledComponents, settingsOf } from './components/enabled.ts'
import { prerequisitesStage } from './prerequisites/stage.ts'
import { removalStage } from './removal/removal.ts'
import { rollbackStage } from './rollback/rollback.ts'
import type { PlatformSpec } from './spec.ts'

/** Keys of stages of the platform by the names that people use, and the stages that are meant by some of them. All pure. */

export const componentKey = (name: string): string => stageKey(componentStage.kind, name)
/** Stages that take it out, or back. */
export const otherKeys = (name: string): string[] => [
  stageKey(removalStage.kind, name),
  stageKey(rollbackStage.kind, name),
]
export const chartKey = (name: string): string => stageKey(chartStage.kind, name)

export const prerequisitesKey = stageKey(prerequisitesStage.kind)

/** Key of the stage of a component or chart. @throws SlipwayError `usage` when the cluster file has none of this name. */
export function keyOfNamed(name: string, platform: PlatformSpec): string {
  const components = enabledComponents(platform).map(({ component }) => component.name)
  const charts = (platform.charts ?? []).map(chart => chart.name)
  if (components.includes(name)) return componentKey(name)
  if (charts.includes(name)) return chartKey(name)
  const place = `spec.platform.components.${name}`
  if (settingsOf(platform, name)?.enabled === false)
    throw new SlipwayError('usage', `${name} is turned off in the cluster file`, {
      remedy: `Set ${place}.enabled to true in the cluster file, and give it with -f.`,
    })
  if (catalogue.some(component => component.name === name))
    throw new SlipwayError('usage', `the cluster file does not name component ${name}`, {
      remedy: `Write ${place}: {} into the cluster file, and give it with -f.`,
    })
  const names = [...components, ...charts]
  throw new SlipwayError('usage', `no component or chart of the cluster file is called ${name}`, {
    remedy: names.length === 0 ? 'It has none yet: slipway platform components.' : `It has ${names.join(', ')}.`,
  })
}

/**
 * The stages with these keys, and all that has to be complete before them. What they only come after is not waited for
 * where it is not meant.
 */
export function withNeeds(all: readonly StageRequest[], keys: readonly string[]): StageRequest[] {
  const meant = new Set<string>()
  const add = (key: string): void => {
    const stage = all.find(one => one.key === key)
    if (!stage || meant.has(key)) return
    meant.add(key)
    for (const { stage: need, until } of stage.needs) if (until !== 'settled') add(need)
  }
  for (const key of keys) add(key)
  const others = new Set(all.flatMap(({ key }) => (meant.has(key) ? [] : [key])))
  return all
    .filter(({ key }) => meant.has(key))
    .map(stage => ({ ...stage, needs: stage.needs.filter(({ stage: need }) => !others.has(need)) }))
}
